// Counts what the conformance suite has written: how many required scenarios of each revision passed on each server,
// which checks did not, and all checks together in the last line. Exits with 1 if anything has failed that is not known.
//
// usage: count.mjs REQUIREMENTS KNOWN OUT REVISION...      KNOWN has the files product-REVISION.yml

import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const [requirements, known, out, ...revisions] = process.argv.slice(2)
const BAD = ['FAILURE', 'WARNING']
const total = { passed: 0, failed: 0, skipped: 0 }
let complete = true

for (const server of ['crate', 'product']) {
  for (const revision of revisions) count(server, revision)
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exit(complete && total.failed === 0 ? 0 : 1)

function count(server, revision) {
  const runs = new Map(read(join(out, server, revision)))
  const required = list(join(requirements, `${revision}.yaml`), 'server')
  const expected = server === 'product' ? list(join(known, `product-${revision}.yml`), 'server') : []
  const has = (scenario, ...statuses) => runs.get(scenario)?.some(check => statuses.includes(check.status)) ?? true
  const passed = required.filter(scenario => !has(scenario, ...BAD)).length
  const warned = required.filter(scenario => !has(scenario, 'FAILURE')).length - passed
  const warnings = warned > 0 ? `, ${warned} more with a warning` : ''
  console.log(`${server}, ${revision}: ${passed} of ${required.length} required scenarios${warnings}; ${runs.size - required.length} others run`)
  complete &&= required.length > 0 && (server === 'product' || passed === required.length)
  // The suite itself lets entries of scenarios pass that are not required.
  const bad = [...runs].flatMap(([scenario, checks]) =>
    checks.filter(check => BAD.includes(check.status)).flatMap(check => [scenario, `${scenario}:${check.id}`]))
  for (const stale of expected.filter(entry => !bad.includes(entry))) {
    console.log(`  KNOWN, but passes or is gone: ${stale}`)
    complete = false
  }
  for (const [scenario, checks] of runs) {
    for (const check of checks) {
      const isKnown = expected.includes(scenario) || expected.includes(`${scenario}:${check.id}`)
      if (check.status === 'SUCCESS') total.passed += 1
      else if (BAD.includes(check.status) && !isKnown) total.failed += 1
      else if (check.status !== 'INFO') total.skipped += 1
      if (BAD.includes(check.status) && !isKnown || check.status === 'SKIPPED' && server === 'crate') {
        console.log(`  ${check.status} ${scenario} ${check.id}: ${check.errorMessage ?? ''}`)
      }
    }
  }
}

// Each run has a folder, `server-SCENARIO-TIME`.
function* read(folder) {
  for (const name of readdirSync(folder)) {
    const scenario = name.match(/^server-(.*)-\d{4}-\d\d-\d\dT[\d-]+Z$/)?.[1]
    if (scenario) yield [scenario, JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8'))]
  }
}

// The list under a key of a YAML file, which is flat.
function list(file, key) {
  const lines = readFileSync(file, 'utf8').split('\n')
  const begin = lines.indexOf(`${key}:`) + 1
  const end = lines.slice(begin).findIndex(line => /^\S/.test(line) && !line.startsWith('#'))
  const length = end < 0 ? lines.length : end
  return lines.slice(begin, begin + length).flatMap(line => line.match(/^ +- (\S+)/)?.[1] ?? [])
}
