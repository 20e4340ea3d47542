/** The topics in the order they are shown, sections after theirs. */
import type { Category } from '$shared/api/types';

export function flat(
  categories: readonly Category[],
  depth = 0,
): { category: Category; depth: number }[] {
  return categories.flatMap((category) => [
    { category, depth },
    ...flat(category.sections, depth + 1),
  ]);
}

/** A topic's name in this language, else in whichever it has. */
export function categoryName(category: Category, locale: string): string {
  const { names } = category;
  return (names[locale] ?? names.en ?? Object.values(names)[0])?.title ?? category.slug;
}
