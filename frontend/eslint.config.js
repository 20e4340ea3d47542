import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import svelteConfig from './app/svelte.config.js';

export default ts.config(
  {
    ignores: ['build/**', '**/.svelte-kit/**', '**/static/**', 'shared/api/schema.d.ts'],
  },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      // Collections are replaced whole ($state.raw), which is what keeps long lists fast.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      // The base path is fixed, and links are built by one helper.
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
);
