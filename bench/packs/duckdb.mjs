// DuckDB does the same work as the pack index: loads the flat trace format, counts repeated events once, runs the fourteen
// checks (checks.sql) and keeps all of it in a database file.
//   node duckdb.mjs DIR DATABASE FINDINGS [--threads N] [--memory 4GB]
// Prints one JSON line: seconds of each step, rows, findings, peak resident memory, bytes of the database.
import { DuckDBInstance } from '@duckdb/node-api'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [directory, database, findings, ...options] = process.argv.slice(2)
if (!directory || !database || !findings) {
  console.error('usage: node duckdb.mjs DIR DATABASE FINDINGS [--threads N] [--memory SIZE]')
  process.exit(2)
}
const option = (name) => (options.includes(name) ? options[options.indexOf(name) + 1] : undefined)
for (const needed of ['operators', 'products', 'batches', 'documents', 'events'])
  if (!existsSync(join(directory, `${needed}.csv`))) {
    console.error(`${join(directory, needed)}.csv is missing`)
    process.exit(2)
  }
for (const old of [database, `${database}.wal`]) rmSync(old, { force: true })

const settings = { preserve_insertion_order: 'false' }  // order means nothing here; loading is lighter so
if (option('--threads')) settings.threads = option('--threads')
if (option('--memory')) settings.memory_limit = option('--memory')
const instance = await DuckDBInstance.create(database, settings)
const connection = await instance.connect()
const run = (sql) => connection.run(sql)
const one = async (sql) => (await connection.runAndReadAll(sql)).getRows()[0]

const seconds = {}
let last = performance.now()
const lap = (name) => {
  const now = performance.now()
  seconds[name] = (seconds[name] ?? 0) + (now - last) / 1000
  last = now
}

const columns = {
  operators: 'id, type, headquarters, region, scopes, licence_from::BIGINT, licence_to::BIGINT',
  products: 'code, holder, class',
  batches: 'id, product, holder, produced_at::BIGINT, expires_at::BIGINT, recalled_at::BIGINT',
  documents: 'id, seller, buyer, batch, quantity::BIGINT',
  events: 'event_id, code, action, actor, counterparty, event_time::BIGINT, upload_time::BIGINT, batch, document, split::TINYINT, corrects, owner',
  aggregation: 'parent, child',
}
const load = async (table) => {
  const described = columns[table].split(', ').map((column) => column.split('::'))
  const types = described.map(([name, type]) => `'${name}': '${type ?? 'VARCHAR'}'`).join(', ')
  const file = join(directory, `${table}.csv`).replaceAll("'", "''")
  const from = existsSync(file) ? `FROM read_csv('${file}', header = true, auto_detect = false, columns = {${types}})` : null
  const empty = described.map(([name, type]) => `NULL::${type ?? 'VARCHAR'} AS ${name}`).join(', ')
  await run(`CREATE TABLE ${table} AS ` + (from ? `SELECT * ${from}` : `SELECT ${empty} WHERE false`))
}
for (const table of Object.keys(columns)) await load(table)
lap('load')

// one row an event id; few are sent twice, so only those are looked at closely
const [rows, uploaded] = await one('SELECT count(*)::BIGINT, max(upload_time)::BIGINT FROM events')
await run(`DELETE FROM events WHERE rowid IN (
  SELECT rowid FROM (SELECT rowid, row_number() OVER (PARTITION BY event_id ORDER BY rowid) AS n FROM events
                     WHERE event_id IN (SELECT event_id FROM events GROUP BY event_id HAVING count(*) > 1)) WHERE n > 1)`)
const now = option('--now') ? BigInt(option('--now')) : uploaded + 60n * 86400n
lap('deduplicate')

await run('CREATE TABLE superseded AS SELECT DISTINCT corrects AS id FROM events WHERE corrects IS NOT NULL')
const kept = 'SELECT * FROM events WHERE event_id NOT IN (SELECT id FROM superseded)'
const fields = 'event_time, event_id, action, actor, counterparty, batch, document, coalesce(split, 0) AS split'
const [parents] = await one('SELECT count(*)::BIGINT FROM aggregation')
// with aggregation the rows are spelt out once; without, the history is the events themselves
await run(parents ? `CREATE TABLE history AS
  WITH kept AS (${kept}),
  own AS (SELECT code, ${fields}, event_id AS key FROM kept WHERE code NOT IN (SELECT parent FROM aggregation)),
  -- a pack leaves its parent with the first event of its own after production
  leaves AS (SELECT code, min({t: event_time, id: event_id}) AS at FROM own WHERE action <> 'produce' GROUP BY code)
  SELECT * FROM own
  UNION ALL SELECT a.child, ${fields}, event_id || '/' || a.child
  FROM kept e JOIN aggregation a ON a.parent = e.code LEFT JOIN leaves l ON l.code = a.child
  WHERE l.at IS NULL OR {t: e.event_time, id: e.event_id} < l.at`
  : `CREATE VIEW history AS SELECT code, ${fields}, event_id AS key FROM (${kept})`)
lap('history')

const statements = readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'checks.sql'), 'utf8').split(/;\n/)
for (const statement of statements) {
  const sql = statement.replace(/^--.*\n/gm, '').replaceAll(':now', String(now)).trim()
  if (!sql) continue
  const name = /SELECT (\w+),/.exec(sql)?.[1]
  const begun = performance.now()
  await run(sql)
  if (process.env.QINGYUAN_BENCH_VERBOSE && name) console.error(`check ${name}: ${((performance.now() - begun) / 1000).toFixed(2)} s`)
}
lap('checks')
await run('CHECKPOINT')
lap('checkpoint')

const found = (await connection.runAndReadAll('SELECT number, key FROM findings ORDER BY number, key')).getRows()
writeFileSync(findings, 'number,key\n' + found.map(([number, key]) => `${number},${key}\n`).join(''))
const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
const total = Object.values(seconds).reduce((a, b) => a + b, 0)
console.log(JSON.stringify({
  rival: 'duckdb', version: (await one('SELECT version()'))[0], rows: Number(rows), findings: found.length, now: Number(now),
  seconds: Object.fromEntries(Object.entries(seconds).map(([name, s]) => [name, +s.toFixed(3)])), total: +total.toFixed(3),
  peak_mb: Math.round(peak / 1024), database_bytes: statSync(database).size,
}))
