// Wraps a SvelteKit adapter: Kit's inline bootstrap becomes a file of its own, so that the page
// runs under `script-src 'self'` with neither a hash nor a nonce.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const INLINE = /<script>([\s\S]*?)<\/script>/;

export function externalBoot(adapter, folder) {
  return {
    name: `${adapter.name}-external-boot`,
    async adapt(builder) {
      await adapter.adapt(builder);
      const page = join(folder, 'index.html');
      const html = readFileSync(page, 'utf8');
      const inline = INLINE.exec(html);
      if (!inline) throw new Error(`${page}: the inline bootstrap was not found`);
      const hash = createHash('sha256').update(inline[1]).digest('hex').slice(0, 12);
      const name = `_app/immutable/boot.${hash}.js`;
      writeFileSync(join(folder, name), inline[1].trim());
      const external = html.replace(
        INLINE,
        `<script src="${builder.config.kit.paths.base}/${name}"></script>`,
      );
      if (INLINE.test(external)) throw new Error(`${page}: more than one inline script`);
      writeFileSync(page, external);
    },
  };
}
