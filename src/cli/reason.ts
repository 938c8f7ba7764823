import { errorMessage } from '../error-message.ts';

/** The system's own word for what is wrong, without its call and path. */
export const reasonOf = (error: unknown): string => {
  const message = errorMessage(error);
  return message.replace(/^[A-Z]+: /, '').replace(/, \w+( '.*)?$/, '');
};
