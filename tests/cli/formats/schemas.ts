/** What each platform takes, written down from its own documentation, as JSON Schema (2020-12). */
import { Ajv2020 } from 'ajv/dist/2020.js'

const text = { type: 'string' } as const
const some = { type: 'string', minLength: 1 } as const
const whole = { type: 'integer', minimum: 0 } as const
const points = { type: 'number', minimum: 0 } as const
const second = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\dZ$' } as const
const line = { type: 'string', minLength: 1, pattern: '^[^\\r\\n]*$' } as const

/** https://github.com/foundation50/classroom50/wiki/Advanced-Autograding */
const classroom50 = {
  type: 'object',
  additionalProperties: false,
  required: [
    ...['schema', 'classroom', 'assignment', 'assignment_type', 'owner', 'submission', 'commit', 'release', 'review'],
    ...['datetime', 'score', 'max-score', 'tests'],
  ],
  properties: {
    schema: { const: 'classroom50/result/v1' },
    classroom: some,
    assignment: some,
    assignment_type: { enum: ['individual', 'group', 'team'] },
    owner: some,
    submission: { type: 'string', pattern: '^submit/' },
    commit: some,
    release: some,
    review: some,
    datetime: second,
    graded_at: second,
    score: whole,
    'max-score': whole,
    tests: {
      type: 'array',
      // A result without tests counts as passed.
      minItems: 1,
      maxItems: 100,
      items: {
        type: 'object',
        required: ['test-name', 'passed', 'score', 'max-score'],
        properties: { 'test-name': line, passed: { type: 'boolean' }, score: whole, 'max-score': whole },
      },
    },
    submitted_by: {
      type: 'object',
      additionalProperties: false,
      required: ['username'],
      properties: { username: some, id: { type: ['integer', 'null'] } },
    },
  },
}

/** https://github.com/classroom-resources/autograding-grading-reporter */
const githubClassroom = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'status', 'max_score', 'tests'],
  properties: {
    version: { const: 1 },
    status: { enum: ['pass', 'fail', 'error'] },
    max_score: points,
    tests: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'status', 'score', 'message', 'test_code', 'filename', 'line_no', 'duration'],
        properties: {
          name: line,
          status: { enum: ['pass', 'fail', 'error'] },
          score: points,
          message: text,
          test_code: text,
          filename: text,
          line_no: whole,
          duration: whole,
        },
      },
    },
  },
}

const gradescopeVisibility = { enum: ['visible', 'hidden', 'after_due_date', 'after_published'] }
const gradescopeText = { enum: ['text', 'html', 'simple_format', 'md', 'ansi'] }

/** https://gradescope-autograders.readthedocs.io/en/latest/specs/ */
const gradescope = {
  type: 'object',
  additionalProperties: false,
  required: ['score', 'tests'],
  properties: {
    score: points,
    execution_time: whole,
    output: text,
    output_format: gradescopeText,
    visibility: gradescopeVisibility,
    stdout_visibility: gradescopeVisibility,
    extra_data: { type: 'object' },
    tests: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['score', 'max_score', 'status', 'name'],
        properties: {
          score: points,
          max_score: points,
          status: { enum: ['passed', 'failed'] },
          name: line,
          number: text,
          output: text,
          output_format: gradescopeText,
          tags: { type: 'array', items: text },
          // One hidden test hides the total from students.
          visibility: { const: 'visible' },
          extra_data: { type: 'object' },
        },
      },
    },
    leaderboard: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'value'],
        properties: { name: some, value: { type: ['number', 'string'] }, order: { enum: ['asc', 'desc'] } },
      },
    },
  },
}

/** https://docs.prairielearn.com/externalGrading/ */
const prairielearn = {
  type: 'object',
  additionalProperties: false,
  required: ['gradable', 'score', 'tests'],
  properties: {
    gradable: { type: 'boolean' },
    score: { type: 'number', minimum: 0, maximum: 1 },
    message: text,
    output: text,
    format_errors: { type: 'array', items: some },
    images: { type: 'array', maxItems: 0 },
    tests: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        // Points stand with every test or with none.
        required: ['name', 'points', 'max_points'],
        properties: { name: line, description: text, points, max_points: points, message: text, output: text },
      },
    },
  },
  if: { properties: { gradable: { const: false } } },
  then: { properties: { format_errors: { minItems: 1 }, score: { const: 0 } }, required: ['format_errors'] },
}

/** https://exercism.org/docs/building/tooling/test-runners/interface */
const exercism = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'status', 'tests'],
  properties: {
    version: { const: 3 },
    status: { enum: ['pass', 'fail', 'error'] },
    message: { type: ['string', 'null'], minLength: 1, maxLength: 65_535 },
    tests: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'status', 'test_code'],
        properties: {
          name: line,
          status: { enum: ['pass', 'fail', 'error'] },
          message: { type: ['string', 'null'], minLength: 1, maxLength: 65_535 },
          output: { type: ['string', 'null'], maxLength: 500 },
          test_code: text,
          task_id: { type: 'integer', minimum: 1 },
        },
        if: { properties: { status: { const: 'pass' } } },
        else: { required: ['message'], properties: { message: some } },
      },
    },
  },
  if: { properties: { status: { const: 'error' } } },
  then: { required: ['message'], properties: { message: some } },
  else: { properties: { message: { const: null } } },
}

const ajv = new Ajv2020({
  allErrors: true,
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  strictTypes: false,
})

const check = {
  classroom50: ajv.compile(classroom50),
  'github-classroom': ajv.compile(githubClassroom),
  gradescope: ajv.compile(gradescope),
  prairielearn: ajv.compile(prairielearn),
  exercism: ajv.compile(exercism),
}

export type JsonFormat = keyof typeof check

export const jsonFormats = Object.keys(check) as readonly JsonFormat[]

/** What the platform would say against this; empty if it takes it. */
export function complaints(format: JsonFormat, value: unknown): string[] {
  const validate = check[format]
  return validate(value) ? [] : validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`)
}
