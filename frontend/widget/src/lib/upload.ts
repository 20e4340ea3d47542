/** Uploading one file with progress; `fetch` cannot report how much has been sent. */
import type { Attachment } from './types';

export type Upload = { done: Promise<Attachment>; cancel: () => void };

/** Rejects with a problem code: `too-large`, `invalid`, `canceled`, `offline`... */
export function upload(
  url: string,
  token: string,
  file: File,
  progress: (share: number) => void,
): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<Attachment>((resolve, reject) => {
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response as Attachment);
      else reject(new Error((request.response as { code?: string } | null)?.code ?? 'internal'));
    };
    request.onerror = () => reject(new Error('offline'));
    request.onabort = () => reject(new Error('canceled'));
    request.open('POST', url);
    request.responseType = 'json';
    request.setRequestHeader('Authorization', `Bearer ${token}`);
    const body = new FormData();
    body.append('file', file, file.name);
    request.send(body);
  });
  return { done, cancel: () => request.abort() };
}
