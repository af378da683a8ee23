// Walks every screen of the desk in a real browser, as the roles that may see it: light, dark and large; full,
// empty and failing; zh and en; wide and 320 px. Fails on a console error, a report of the content security
// policy, an axe finding, sideways scroll, a number that does not open to exactly that many records, or a journey
// that takes more clicks than it may.
// `--only tour` makes the pictures of docs/tour; as one walk of many it makes them beside the screenshots.
//   node test/e2e.mjs BASE_URL SCREENSHOT_DIR [--only WALK] [--role ROLE] [--chromium PATH]

import { mkdirSync } from 'node:fs'
import { done, launch } from './browser.mjs'
import { drill, journeys, keyboard, sessions } from './walk/journeys.mjs'
import { screens } from './walk/screens.mjs'
import { tour } from './walk/tour.mjs'

const [base, shots = 'screenshots'] = process.argv.slice(2)
if (!base) {
  console.error('usage: node test/e2e.mjs BASE_URL SCREENSHOT_DIR [--only WALK] [--chromium PATH]')
  process.exit(2)
}
mkdirSync(shots, { recursive: true })
const option = (name) =>
  process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined
const only = option('--only')
const role = option('--role') // of the screens and of the tour, this role's alone
const walks = { screens, drill, keyboard, journeys, sessions, tour }
const browser = await launch()
for (const [name, walk] of Object.entries(walks)) {
  if (only && only !== name) continue
  const from = Date.now()
  await walk({ browser, base, shots, role, only })
  console.log(`${name}: ${((Date.now() - from) / 1000).toFixed(0)} s`)
}
await browser.close()
process.exit(done())
