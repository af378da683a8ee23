// The desk: where regulators work.

import { createApp } from 'vue'
import '../base/tokens.css'
import '../base/base.css'
import './desk.css'
import './shell.css'
import './print.css'
import './language'
import { startLanguage } from '../base/language'
import { startTheme } from '../base/theme'
import App from './App.vue'
import { router } from './router'

startTheme()
void startLanguage().then(() => createApp(App).use(router).mount('#app'))
