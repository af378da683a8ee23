// Four entries, four bundles: desk (/), field (/field/), portal (/portal/), public (/public/). Each loads only what
// it names; nothing but what three of them share is split off, so that the public page carries no framework.
// The browser floor is Chromium 92, which the bureau's kernels still run.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import type { Connect, Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const entries: Record<string, string> = {
  desk: 'index.html',
  field: 'field/index.html',
  portal: 'portal/index.html',
  public: 'public/index.html',
}
const worker = 'src/field/sw.ts' // the service worker keeps its name: its address is its identity

/** The development server answers an address inside an entry with that entry's page, as the real server does. */
function deep(): Plugin {
  const inside: Connect.NextHandleFunction = (request, _response, next) => {
    const path = (request.url ?? '/').split('?')[0]!
    const entry = /^\/(field|portal|public)(\/|$)/.exec(path)?.[1]
    if (entry && !/\.[a-z]+$/.test(path)) request.url = `/${entry}/index.html`
    next()
  }
  return { name: 'deep', configureServer: (server) => void server.middlewares.use(inside) }
}

/** One entry alone is built with QINGYUAN_ENTRY=public; the other bundles stay as they are. */
const only = process.env.QINGYUAN_ENTRY
const chosen = Object.entries(entries).filter(
  ([name, page]) => (!only || name === only) && existsSync(at(page)),
)

export default defineConfig({
  plugins: [vue(), deep()],
  // field, portal and public run below any path of a host's site; the desk's own addresses are deep, so its page
  // alone names its files from the root
  base: './',
  experimental: {
    renderBuiltUrl: (file, { hostType, hostId }) =>
      hostType === 'html' && hostId === 'index.html' ? '/' + file : { relative: true },
  },
  define: { __VUE_OPTIONS_API__: 'false' }, // every component is written with setup
  publicDir: 'static', // web/public is the citizens' entry
  build: {
    target: ['es2020', 'chrome92', 'safari14'],
    cssTarget: 'chrome92',
    emptyOutDir: !only,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // nothing inline: the page runs under default-src 'self'
    reportCompressedSize: false,
    rolldownOptions: {
      input: Object.fromEntries([
        ...chosen.map(([name, page]) => [name, at(page)]),
        ...((!only || only === 'field') && existsSync(at(worker)) ? [['sw', at(worker)]] : []),
      ]),
      output: {
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'field/sw.js' : 'assets/[name]-[hash].js'),
        codeSplitting: {
          groups: [
            { name: 'vue', test: /node_modules\/(@vue\/(?!devtools)|vue\/)/, priority: 2 },
            { name: 'router', test: /node_modules\/(vue-router|@vue\/devtools)/, priority: 1 },
          ],
        },
      },
    },
  },
  server: { port: 5173, fs: { allow: ['..'] }, proxy: { '/api': 'http://127.0.0.1:8090' } },
  test: { environment: 'node', include: ['test/**/*.test.ts'] },
})
