/// <reference types="vite/client" />
declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent<object, object, unknown>
  export default component
}

/** WeChat's own API, where uni has no name for it. */
declare const wx: {
  addPhoneCalendar(event: { title: string; startTime: number; endTime: string; location: string; description: string }): void
}
