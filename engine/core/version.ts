/** The engine's version: a link names it, because another version may run differently. As in package.json. */
export const engineVersion = '0.1.0'
