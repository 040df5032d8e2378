import { createSSRApp } from 'vue'
import '@kit/tokens.css'
import App from './App.vue'

/** uni-app calls this for every platform. */
export function createApp() {
  return { app: createSSRApp(App) }
}
