// The story of a request as a picture. It is shown as an image, in which nothing runs.

import { text } from './api.js';
import { button, el, save } from './dom.js';

const path = (uuid, format) => `/approval_requests/${encodeURIComponent(uuid)}/diagram?format=${format}`;

/** A picture with buttons to keep it; it is read once it is made. */
export function diagramOf(request, before) {
  const picture = el('img', { class: 'diagram', alt: `Sequence diagram of the request: ${request.status}` });
  const trouble = el('p', { class: 'quiet', hidden: true });
  const name = `onetouch-${request.uuid}`;
  const buttons = el('div', { class: 'choices start' },
    button('Save SVG', async () => save(`${name}.svg`, 'image/svg+xml', await text(path(request.uuid, 'svg'))), { class: 'small' }),
    button('Save Mermaid', async () => save(`${name}.mmd`, 'text/plain', await text(path(request.uuid, 'mermaid'))), { class: 'small' }));
  const old = before?.querySelector('img')?.src; // stays until the new one is there
  if (old) picture.src = old;
  else picture.hidden = true;
  text(path(request.uuid, 'svg')).then((svg) => {
    picture.addEventListener('load', () => { if (old) URL.revokeObjectURL(old); }, { once: true });
    picture.src = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
    picture.hidden = false;
  }).catch((error) => {
    trouble.textContent = `There is no picture: ${error.message}`;
    trouble.hidden = false;
    picture.hidden = true;
    buttons.hidden = true;
  });
  return [el('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Sequence diagram' }, picture), trouble, buttons];
}
