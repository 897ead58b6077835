// The API of product.yaml, on a free port. Its URL is the first line on stdout.
//
// usage: upstream.mjs FOLDER DESCRIPTION PROCESS      where pixel.png and silence.wav are; the description that is
// served, and the file with the id of the process that serves it: this API can change

import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const [folder, description, served] = process.argv.slice(2)
const image = readFileSync(join(folder, 'pixel.png'))
const sound = readFileSync(join(folder, 'silence.wav'))

// A ZIP archive without files: the end of its central directory.
const archive = Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18)])

const missing = { status: 404, type: 'text/plain', body: 'There is nothing here.' }
const json = { status: 200, type: 'application/json', body: '{"done":true}' }
const answers = {
  '/text': { status: 200, type: 'text/plain', body: 'All that this operation says.' },
  '/routed': json,
  '/image': { status: 200, type: 'image/png', body: image },
  '/audio': { status: 200, type: 'audio/wav', body: sound },
  '/document': { status: 200, type: 'application/zip', body: archive },
  '/mixed': { status: 200, type: 'multipart/mixed; boundary=part', body: mixed() },
  '/error': { status: 409, type: 'application/problem+json', body: '{"title":"It never works","status":409}' },
  '/slow': { ...json, after: 6_000 },
  '/streaming': json,
  '/log': json,
  '/asked': json,
  '/message': json,
  '/remembered': json,
  '/sealed': json,
  '/changing': { ...json, before: change },
}

// Jobs that are taken on: when each is done, and what it has come to.
const jobs = []

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost')
  const answer = answers[url.pathname] ?? greeting(url) ?? job(request.url) ?? await begin(request) ?? missing
  answer.before?.()
  setTimeout(() => {
    response.writeHead(answer.status, { 'content-type': answer.type, ...answer.headers }).end(answer.body)
  }, answer.after ?? 0)
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
process.on('SIGTERM', () => process.exit(0))

// Takes a job on (RFC 9110, 15.3.3), or does it at once.
async function begin(request) {
  if (!['/compute', '/fail'].includes(request.url)) return undefined
  let text = ''
  for await (const chunk of request) text += chunk
  const { seconds = 0 } = text ? JSON.parse(text) : {}
  if (request.url === '/compute' && seconds === 0) return json
  jobs.push({ done: Date.now() + 1000 * seconds, answer: request.url === '/fail' ? answers['/error'] : json })
  return { status: 202, type: 'text/plain', headers: { location: `/jobs/${jobs.length}`, 'retry-after': '1' }, body: 'Later.' }
}

function greeting(url) {
  if (url.pathname !== '/greeting') return undefined
  return { status: 200, type: 'text/plain', body: `Hello, ${url.searchParams.get('name')}!` }
}

// How a job goes.
function job(url) {
  const job = url.startsWith('/jobs/') ? jobs[Number(url.slice(6)) - 1] : undefined
  if (!job || job.done <= Date.now()) return job?.answer
  return { status: 202, type: 'text/plain', headers: { 'retry-after': '1' }, body: 'Not yet.' }
}

// Adds an operation to the description, or takes it away again.
function change() {
  const added = '  /added: {get: {operationId: test_added, responses: {}}}\n'
  const text = readFileSync(description, 'utf8')
  writeFileSync(description, text.endsWith(added) ? text.slice(0, -added.length) : text + added)
  process.kill(Number(readFileSync(served, 'utf8')), 'SIGHUP')
}

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
