/**
 * The address of the playground with a link behind the #, as it is: people read it, and paste it into other places. Only
 * what such a place may not hold is escaped (RFC 3986, fragment); the reader of a link understands both.
 */
export function playgroundUrl(server: string, link: string): string {
  const hash = link.replace(/[^\w\-.~!$&'()*+,;=:@/?%]/gu, encodeURIComponent)
  return `${server}playground#${hash}`
}
