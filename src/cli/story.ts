/** The story of a failure, with the command that repeats it first. */
import { textReport } from '../report/text.ts';
import type { Story } from '../report/story.ts';
import { command } from './shell.ts';

export const replayCommand = (path: string, userCommand?: readonly string[]): string =>
  command('replay', path, ...(userCommand === undefined ? [] : ['--', ...userCommand]));

export const storyText = (story: Story, path: string): string =>
  textReport(story, replayCommand(path));
