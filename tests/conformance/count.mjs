// Counts what the conformance suite has written: how many required scenarios of each revision passed, which checks did
// not, and all checks together in the last line. Exits with 1 if anything required is missing or anything has failed.
//
// usage: count.mjs REQUIREMENTS OUT REVISION...

import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const [requirements, out, ...revisions] = process.argv.slice(2)
const total = { SUCCESS: 0, FAILURE: 0, WARNING: 0, SKIPPED: 0, INFO: 0 }
let complete = true

for (const revision of revisions) {
  const runs = new Map(read(join(out, revision)))
  const required = requiredScenarios(join(requirements, `${revision}.yaml`))
  const passed = required.filter(scenario => runs.get(scenario)?.every(check => check.status !== 'FAILURE' && check.status !== 'WARNING'))
  const others = [...runs.keys()].filter(scenario => !required.includes(scenario))
  console.log(`${revision}: ${passed.length} of ${required.length} required scenarios, and ${others.length} others run`)
  complete &&= passed.length === required.length && required.length > 0
  for (const [scenario, checks] of runs) {
    for (const check of checks) {
      total[check.status] += 1
      if (['FAILURE', 'WARNING', 'SKIPPED'].includes(check.status)) {
        console.log(`  ${check.status} ${scenario} ${check.id}: ${check.errorMessage ?? ''}`)
      }
    }
  }
}

const failed = total.FAILURE + total.WARNING
console.log(`${total.SUCCESS} passed, ${failed} failed, ${total.SKIPPED} skipped`)
process.exit(complete && failed === 0 ? 0 : 1)

// Each run has a folder, `server-SCENARIO-TIME`.
function* read(folder) {
  for (const name of readdirSync(folder)) {
    const scenario = name.match(/^server-(.*)-\d{4}-\d\d-\d\dT[\d-]+Z$/)?.[1]
    if (scenario) yield [scenario, JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8'))]
  }
}

// The list under `server:`, which is flat.
function requiredScenarios(file) {
  const lines = readFileSync(file, 'utf8').split('\n')
  const begin = lines.indexOf('server:') + 1
  const length = lines.slice(begin).findIndex(line => /^\S/.test(line) && !line.startsWith('#'))
  return lines.slice(begin, begin + length).flatMap(line => line.match(/^ +- (\S+)/)?.[1] ?? [])
}
