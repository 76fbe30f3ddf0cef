/**
 * The time to bring a file to N peers: Kurose and Ross, "Computer Networking", section 2.5, and its worked case, in which
 * a peer uploads the file in one hour (F/u = 1 h), the server is ten times as fast, and downloads are no limit.
 */
import { clientServerTime, peerToPeerTime } from '@peerlab/engine'
import { expect, test } from 'vitest'

const hour = 1
const fileSize = 1
const upload = fileSize / hour
const worked = (peers: number): [clientServer: number, peerToPeer: number] => {
  const file = { fileSize, peers, serverUpload: 10 * upload, slowestDownload: 10 * upload }
  return [clientServerTime(file), peerToPeerTime(file, peers * upload)]
}

test('30 peers wait 3 hours for a server, and 45 minutes where they upload as well', () => {
  const [clientServer, peerToPeer] = worked(30)
  expect(clientServer).toBeCloseTo(3 * hour, 12)
  expect(peerToPeer).toBeCloseTo(0.75 * hour, 12)
})

test('a server needs time in proportion to the peers, while peers that upload stay under one hour, however many', () => {
  for (let peers = 1; peers < 1e9; peers = Math.ceil(1.5 * peers)) {
    const [clientServer, peerToPeer] = worked(peers)
    expect(clientServer).toBeCloseTo((peers * hour) / 10, 3)
    expect(peerToPeer).toBeLessThan(hour)
    expect(peerToPeer).toBeCloseTo(Math.max(hour / 10, (peers * hour) / (10 + peers)), 12)
  }
})
