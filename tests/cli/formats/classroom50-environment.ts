const sha = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334'
const repository = 'https://github.com/example/p2p-gossip-ada'

/** What the runner of Classroom 50 sets for an autograder. */
export const classroom50Environment = {
  CLASSROOM: 'p2p',
  ASSIGNMENT: 'gossip',
  ASSIGNMENT_TYPE: 'individual',
  OWNER: 'ada',
  USERNAME: 'ada',
  SUBMISSION_TAG: 'submit/2026-06-01T14-32-05Z-a1b2c3d',
  COMMIT_URL: `${repository}/commit/${sha}`,
  RELEASE_URL: `${repository}/releases/tag/submit%2F2026-06-01T14-32-05Z-a1b2c3d`,
  REVIEW_URL: `${repository}/compare/0000000...${sha}`,
  GITHUB_ACTOR: 'ada',
  GITHUB_ACTOR_ID: '1815',
} as const
