/** Files on their way up, with progress and a way to stop. fetch() cannot tell upload progress. */
import type { FileStored } from '$shared/api/types';
import { Problem } from '$shared/api/client';
import { session } from './session.svelte';

export type Sending<T> = { done: Promise<T>; cancel: () => void };
export type Upload = Sending<FileStored>;

export function upload(file: File, onProgress: (share: number) => void): Upload {
  const form = new FormData();
  form.append('file', file);
  return send('/api/v1/files', form, onProgress);
}

/** Posts a form with files; `onProgress` hears the share that is sent. */
export function send<T>(path: string, form: FormData, onProgress: (share: number) => void) {
  const request = new XMLHttpRequest();
  const done = new Promise<T>((resolve, reject) => {
    request.open('POST', path);
    request.responseType = 'json';
    request.setRequestHeader('X-CSRF-Token', session.current?.csrf_token ?? '');
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status < 300) resolve(request.response as T);
      else {
        const body = (request.response ?? {}) as { code?: string };
        reject(new Problem(body.code ?? 'internal', request.status, body));
      }
    };
    request.onerror = () => reject(new Problem('offline', 0));
    request.onabort = () => reject(new Problem('canceled', 0));
    request.send(form);
  });
  return { done, cancel: () => request.abort() };
}
