import { defineRoutesSetup } from '@slidev/types'

/** Pages beside the slides. */
export default defineRoutesSetup((routes) => [
  ...routes,
  { name: 'playground', path: '/playground', component: () => import('../pages/Playground.vue') },
])
