// Signs in at a real OpenID Connect service (the npm package oidc-provider, on loopback) with the program as
// the client, the way a browser would: every redirect, cookie and form. Ends with `N passed, N failed`.
//   node walk.mjs PROGRAM
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Provider } from 'oidc-provider'

const program = process.argv[2]
const directory = mkdtempSync(join(tmpdir(), 'qingyuan-oidc-'))
const secret = 'a secret of the client, with signs: +/=&'
let passed = 0, failed = 0

function check(what, holds, seen = '') {
  if (holds) passed += 1
  else { failed += 1; console.log(`FAILED ${what}: ${seen}`) }
}

/** Cookies of one browser by host; enough of RFC 6265 for two hosts and no subdomains. */
class Browser {
  jar = new Map()
  async send(url, options = {}) {
    const host = new URL(url).host
    const cookies = [...(this.jar.get(host) ?? new Map())].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...options.headers, ...(cookies ? { cookie: cookies } : {}) }
    const answer = await fetch(url, { ...options, headers, redirect: 'manual' })
    for (const line of answer.headers.getSetCookie()) {
      const [pair] = line.split(';'), at = pair.indexOf('=')
      const held = this.jar.get(host) ?? new Map()
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) held.delete(pair.slice(0, at))
      else held.set(pair.slice(0, at), pair.slice(at + 1))
      this.jar.set(host, held)
    }
    return answer
  }
  /** Follows redirects until a page, or until `stop` says so; answers the last address and the answer. */
  async follow(url, stop = () => false) {
    for (let hops = 0; hops < 20; hops += 1) {
      if (stop(url)) return { url, answer: null }
      const answer = await this.send(url)
      const next = answer.headers.get('location')
      if (!next) return { url, answer }
      url = new URL(next, url).href
    }
    throw new Error('too many redirects')
  }
}

const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
const free_port = async () => {
  const server = createServer(), port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function start_provider(port, redirect) {
  const issuer = `http://127.0.0.1:${port}`
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'qingyuan', client_secret: secret, redirect_uris: [redirect], response_types: ['code'] }],
    claims: { openid: ['sub'], profile: ['preferred_username'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id }) }),
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ['only for this test'] },
  })
  const server = createServer(provider.callback())
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { issuer, server }
}

/** Starts the program on a new data directory; answers its set-up code. */
async function start_program(port, issuer) {
  writeFileSync(join(directory, 'instance.json'), JSON.stringify({ origin: 'qingyuan/oidc-test' }))
  writeFileSync(join(directory, 'secret'), `${secret}\n`, { mode: 0o600 })
  writeFileSync(join(directory, 'qingyuan.toml'), [
    '[server]', `port = ${port}`, `public_url = "http://127.0.0.1:${port}"`,
    '[oidc]', `issuer = "${issuer}"`, 'client_id = "qingyuan"',
    `client_secret_file = "${join(directory, 'secret')}"`, ''].join('\n'))
  const child = spawn(program, ['--data', directory, 'serve', '--config', join(directory, 'qingyuan.toml')])
  let said = ''
  child.stderr.on('data', (bytes) => { said += bytes })
  child.stdout.on('data', (bytes) => { said += bytes })
  for (let waited = 0; waited < 100; waited += 1) {
    const code = /[A-Z2-7]{4}(-[A-Z2-7]{4}){3}/.exec(said)
    const up = code && await fetch(`http://127.0.0.1:${port}/livez`).then((answer) => answer.ok, () => false)
    if (up) return { child, code: code[0] }
    if (child.exitCode !== null) break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the program did not start: ${said}`)
}

const json = (body) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

async function set_up(own, code) {
  const answer = await fetch(`${own}/api/setup`, json({
    code,
    organisation: { id: 'city', name: '市局', department: 'drug_regulator', kind: 'authority' },
    system_admin: { person_name: '赵一', name: 'zhao', password: 'Lotus-7-kite-Bay' },
    security_admin: { person_name: '钱二', name: 'qian', password: 'River-9-moss-Elm' } }))
  check('the set-up', answer.status === 204, await answer.text())
}

/** Signs in at the service as `login`; answers where the browser ends up in the program. */
async function walk(own, browser, login) {
  const request = json({})
  request.headers.origin = own  // as a page of the program sends it
  const started = await browser.send(`${own}/api/session/oidc/start`, request)
  const { url } = await started.json()
  const is_back = (next) => next.startsWith(own)
  let at = await browser.follow(url, is_back)
  if (at.answer === null) return at.url  // the service knows this browser already
  for (let form = 0; form < 3; form += 1) {  // first the name, then the consent
    const page = await at.answer.text()
    const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1]
    if (!action) throw new Error(`no form: ${page.slice(0, 300)}`)
    const prompt = /name="prompt" value="([^"]+)"/.exec(page)[1]
    const fields = new URLSearchParams(prompt === 'login' ? { prompt, login, password: 'x' } : { prompt })
    const sent = await browser.send(new URL(action, at.url).href, {
      method: 'POST', body: fields, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    at = await browser.follow(new URL(sent.headers.get('location'), at.url).href, is_back)
    if (at.answer === null) return at.url
  }
  throw new Error('the service never sent the browser back')
}

async function run() {
  const own_port = await free_port(), service_port = await free_port()
  const own = `http://127.0.0.1:${own_port}`
  const { issuer, server } = await start_provider(service_port, `${own}/api/session/oidc/callback`)
  const { child, code } = await start_program(own_port, issuer)
  try {
    const nobody = await (await fetch(`${own}/api/session/methods`)).json()
    check('a new installation says so', nobody.set_up === true && nobody.oidc?.en !== undefined, JSON.stringify(nobody))
    await set_up(own, code)

    const browser = new Browser()
    const back = await walk(own, browser, 'zhao')
    const answer = await browser.send(back)
    check('signed in', answer.status === 303 && answer.headers.get('location') === '/', answer.headers.get('location'))
    const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('__Host-qingyuan='))
    check('the cookie', /Secure; HttpOnly; SameSite=Strict/.test(cookie ?? ''), cookie)
    const session = await (await browser.send(`${own}/api/session`)).json()
    check('who it is', session.name === 'zhao' && session.permissions.includes('account_change'), JSON.stringify(session))

    const replayed = await browser.send(back)
    check('the same answer again', /error=token_invalid/.test(replayed.headers.get('location')), replayed.status)

    const from_elsewhere = await browser.send(`${own}/api/session/oidc/start`, {
      ...json({}), headers: { 'content-type': 'application/json', origin: issuer } })
    check('begun by a page of another site', from_elsewhere.status === 403, from_elsewhere.status)

    const victim = new Browser()
    const foreign = await victim.send(await walk(own, browser, 'zhao'))
    check('in another browser', /error=token_invalid/.test(foreign.headers.get('location')), foreign.status)
    check('nobody there', (await victim.send(`${own}/api/session`)).status === 401)

    const stranger = new Browser()
    const refused = await stranger.send(await walk(own, stranger, 'stranger'))
    check('no account is made', /error=sign_in_refused/.test(refused.headers.get('location')), refused.status)
  } finally {
    child.kill('SIGTERM')
    await new Promise((resolve) => child.on('exit', resolve))
    server.closeAllConnections()
    server.close()
  }
}

try {
  await run()
} catch (error) {
  failed += 1
  console.log(error)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
