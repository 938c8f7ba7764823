/** Text within HTML and XML. */

/** Safe between tags and in quoted attributes; without what XML does not know. */
export const escaped = (text: string): string =>
  text
    .replaceAll(/[^\P{Cc}\n\t]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
