// One entry: the desk. The browser floor is Chromium 92, which the bureau's kernels still run.
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  build: {
    target: ['es2020', 'chrome92', 'safari14'],
    cssTarget: 'chrome92',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // nothing inline: the page runs under default-src 'self'
    reportCompressedSize: false,
  },
  server: { port: 5173, proxy: { '/api': 'http://127.0.0.1:8090' } },
  test: { environment: 'node', include: ['test/*.test.ts'] },
})
