// The API of product.yaml, on a free port. Its URL is the first line on stdout.
//
// usage: upstream.mjs FOLDER      where pixel.png and silence.wav are

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const folder = process.argv[2]
const image = readFileSync(join(folder, 'pixel.png'))
const sound = readFileSync(join(folder, 'silence.wav'))

// A ZIP archive without files: the end of its central directory.
const archive = Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18)])

const json = { status: 200, type: 'application/json', body: '{"done":true}' }
const answers = {
  '/text': { status: 200, type: 'text/plain', body: 'All that this operation says.' },
  '/image': { status: 200, type: 'image/png', body: image },
  '/audio': { status: 200, type: 'audio/wav', body: sound },
  '/document': { status: 200, type: 'application/zip', body: archive },
  '/mixed': { status: 200, type: 'multipart/mixed; boundary=part', body: mixed() },
  '/error': { status: 409, type: 'application/problem+json', body: '{"title":"It never works","status":409}' },
  '/slow': { ...json, after: 6_000 },
  '/streaming': json,
  '/log': json,
  '/asked': json,
  '/remembered': json,
  '/sealed': json,
}

const server = createServer((request, response) => {
  const answer = answers[request.url] ?? { status: 404, type: 'text/plain', body: 'There is nothing here.' }
  setTimeout(() => response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body), answer.after ?? 0)
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
process.on('SIGTERM', () => process.exit(0))

// RFC 2046, 5.1.
function mixed() {
  const part = (type, body) => Buffer.concat([Buffer.from(`--part\r\nContent-Type: ${type}\r\n\r\n`), Buffer.from(body), Buffer.from('\r\n')])
  return Buffer.concat([
    part('text/plain', 'Three parts:'),
    part('image/png', image),
    part('application/zip', archive),
    Buffer.from('--part--\r\n'),
  ])
}
