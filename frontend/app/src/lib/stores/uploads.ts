/** Files on their way up, with progress and a way to stop. fetch() cannot tell upload progress. */
import type { FileStored } from '$shared/api/types';
import { Problem } from '$shared/api/client';
import { session } from './session.svelte';

export type Upload = { done: Promise<FileStored>; cancel: () => void };

export function upload(file: File, onProgress: (share: number) => void): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<FileStored>((resolve, reject) => {
    request.open('POST', '/api/v1/files');
    request.responseType = 'json';
    request.setRequestHeader('X-CSRF-Token', session.current?.csrf_token ?? '');
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status < 300) resolve(request.response as FileStored);
      else {
        const body = (request.response ?? {}) as { code?: string };
        reject(new Problem(body.code ?? 'internal', request.status, body));
      }
    };
    request.onerror = () => reject(new Problem('offline', 0));
    request.onabort = () => reject(new Problem('canceled', 0));
    const form = new FormData();
    form.append('file', file);
    request.send(form);
  });
  return { done, cancel: () => request.abort() };
}
