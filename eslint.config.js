import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'
import { determinism, noWallClock } from './eslint/determinism.js'
import { importDirection } from './eslint/import-direction.js'

const everywhere = [
  {
    selector: 'ExportDefaultDeclaration',
    message: 'Export by name (export function …, export const …): a thing then has one name everywhere.',
  },
  {
    // As no-unused-expressions, but for lists: x = 1, y = 2.
    selector: 'ExpressionStatement > :matches(BinaryExpression, MemberExpression, Identifier)',
    message: 'This line does nothing: assign the value, return it, or call it.',
  },
]

/** ESLint's own recommended set, which is a package of its own since version 10, without what the compiler says. */
const recommended = [
  'for-direction',
  'no-async-promise-executor',
  'no-case-declarations',
  'no-compare-neg-zero',
  'no-cond-assign',
  'no-constant-binary-expression',
  'no-constant-condition',
  'no-control-regex',
  'no-debugger',
  'no-delete-var',
  'no-dupe-else-if',
  'no-duplicate-case',
  'no-empty',
  'no-empty-character-class',
  'no-empty-pattern',
  'no-empty-static-block',
  'no-ex-assign',
  'no-extra-boolean-cast',
  'no-fallthrough',
  'no-global-assign',
  'no-invalid-regexp',
  'no-irregular-whitespace',
  'no-loss-of-precision',
  'no-misleading-character-class',
  'no-prototype-builtins',
  'no-regex-spaces',
  'no-self-assign',
  'no-shadow-restricted-names',
  'no-sparse-arrays',
  'no-unexpected-multiline',
  'no-unsafe-finally',
  'no-unsafe-optional-chaining',
  'no-unused-labels',
  'no-unused-private-class-members',
  'no-useless-backreference',
  'no-useless-catch',
  'no-useless-escape',
  'require-yield',
  'use-isnan',
]

/** Later blocks replace the options of a rule, so each list of banned syntax begins with what is banned everywhere. */
const withEverywhere = ({ 'no-restricted-syntax': [level, ...syntax], ...rules }) => ({
  ...rules,
  'no-restricted-syntax': [level, ...everywhere, ...syntax],
})

const inVirtualTime = (place) => ({
  ...withEverywhere(determinism(place)),
  '@typescript-eslint/no-require-imports': 'off', // our own ban of require says what to use
})

export default defineConfig(
  // A .vue file needs a parser that is not installed; tests/repository holds the direction of imports there.
  globalIgnores(['**/node_modules/', '**/dist/', '**/coverage/', '**/.slidev/', '**/*.vue']),
  {
    files: ['**/*.ts', '**/*.js'],
    plugins: { peerlab: { rules: { 'import-direction': importDirection } } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      ...Object.fromEntries(recommended.map((rule) => [rule, 'error'])),
      'peerlab/import-direction': 'error',
      'no-restricted-syntax': ['error', ...everywhere],
      'max-lines': ['error', 400],
      eqeqeq: 'error',
      // Prettier sets the layout; these two show what it would change most. They leave ESLint with version 11.
      semi: ['error', 'never'],
      quotes: ['error', 'single', { avoidEscape: true, allowTemplateLiterals: true }],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          argsIgnorePattern: '^_',
          varsIgnorePattern: '^_',
          destructuredArrayIgnorePattern: '^_',
          caughtErrors: 'none',
        },
      ],
      '@typescript-eslint/no-unused-expressions': 'off', // see `everywhere`
      // 8.73 takes away assertions that the compiler needs, where a check narrowed `unknown` to `{}`.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      // A method without its object fails at once here, since private fields need it; and object literals need none.
      '@typescript-eslint/unbound-method': 'off',
      // async can be what an interface asks for.
      '@typescript-eslint/require-await': 'off',
      // Numbers sort as text without a comparator.
      '@typescript-eslint/require-array-sort-compare': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  // The decks have no TypeScript project of their own: Vite compiles them.
  { files: ['slides/**/*.ts'], extends: [tseslint.configs.disableTypeChecked] },
  { files: ['engine/**/*.ts'], rules: inVirtualTime('engine') },
  {
    files: ['labs/**/*.ts', 'solutions/**/*.ts', 'tests/course/wrong-answers/*/**/*.ts'],
    rules: inVirtualTime('lab'),
  },
  {
    // A starter has parameters and fields that the student has yet to use.
    files: ['labs/**/*.ts'],
    rules: { '@typescript-eslint/no-unused-vars': 'off', 'no-unused-private-class-members': 'off' },
  },
  {
    // A test says what a value is by what it expects of it.
    files: ['tests/**/*.ts'],
    ignores: ['tests/contracts/**', 'tests/course/wrong-answers/*/**'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  { files: ['tests/{engine,published,contracts}/**/*.ts'], rules: withEverywhere(noWallClock) },
  {
    // Read by tools that ask for a default export.
    files: ['**/*.config.{ts,js}', 'slides/**/setup/**/*.ts', '**/*.d.ts'],
    rules: { 'no-restricted-syntax': ['error', ...everywhere.slice(1)] },
  },
)
