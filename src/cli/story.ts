/** The story of a failure, with the command that repeats it first. */
import { textReport } from '../report/text.ts';
import type { Story } from '../report/story.ts';

export const replayCommand = (path: string): string => `npx leasehold replay ${path}`;

export const storyText = (story: Story, path: string): string =>
  textReport(story, replayCommand(path));
