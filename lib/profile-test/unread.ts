import { NvlError } from '../errors.ts';

/** Of a case whose lines no source took. */
export const unread = (): NvlError =>
  new NvlError('testUnread', {
    message: 'the lines of this case were not read to their end',
    advice: 'see whether its source template reads {{logs.include}} from the beginning',
  });
