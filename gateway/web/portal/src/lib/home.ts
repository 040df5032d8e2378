/** What the home page shows, and in which order. */
import type { Section, SectionName } from '@kit/theme'

export interface HomePart {
  name: SectionName
  /** The card above the greeting's lower edge, where it follows it. */
  isUnderHero: boolean
}

/**
 * The parts of the page in their order, a notice only where there is one to give; the categories stand beside the
 * catalogue's title if they come right before it.
 */
export function homeParts(sections: Section[], hasNotice: boolean): { parts: HomePart[]; tabsInHead: boolean } {
  const names = sections.filter((one) => one.shown && (hasNotice || one.name !== 'notice')).map((one) => one.name)
  const tabsInHead = names.includes('categories') && names.indexOf('categories') + 1 === names.indexOf('catalogue')
  const kept = names.filter((name) => !(tabsInHead && name === 'categories'))
  return { parts: kept.map((name, i) => ({ name, isUnderHero: name === 'branches' && kept[i - 1] === 'hero' })), tabsInHead }
}
