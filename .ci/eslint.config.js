/**
 * What is an error here: promises that nobody waits for, comparisons that convert, names that nobody uses,
 * calls that are deprecated. How code looks is Prettier's business.
 */
import { defineConfig } from 'eslint/config';
import typescript from 'typescript-eslint';

/** Where an interface is declared again to add to it, its type parameter must be named, used or not. */
const unused = { varsIgnorePattern: '^P$', argsIgnorePattern: '^_', ignoreRestSiblings: true };

export default defineConfig(
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['{src,host,test}/**/*.ts'],
    extends: [typescript.configs.base],
    languageOptions: {
      parserOptions: { project: 'tsconfig.json', tsconfigRootDir: new URL('..', import.meta.url).pathname },
    },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-deprecated': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', unused],
      '@typescript-eslint/only-throw-error': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
);
