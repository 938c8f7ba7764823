/**
 * Which of many ranges of keys contain a key: a search tree by start and end, in which each node
 * knows the furthest end beneath it. It keeps its balance by chance that is the same in every run
 * (a treap). A key costs time in proportion to the ranges found, times the tree's height.
 */
import { type Bytes, FROM_KEY } from '../api/bytes.ts';
import { InvariantViolation } from '../invariant.ts';

interface Node<T> {
  readonly start: Bytes;
  /** Exclusive, or `FROM_KEY`: there is none. */
  readonly end: Bytes;
  readonly members: Set<T>;
  readonly priority: number;
  /** The furthest end of the node and of those beneath it. */
  furthest: Bytes;
  left: Node<T> | undefined;
  right: Node<T> | undefined;
}

export class RangeTree<T> {
  #root: Node<T> | undefined;
  #chance = 0x2545f491;

  /** Adds a member to a range that is not empty. */
  add(start: Bytes, end: Bytes, member: T): void {
    const found = this.#find(start, end);
    if (found !== undefined) {
      found.members.add(member);
      return;
    }
    this.#root = insert(this.#root, {
      start,
      end,
      members: new Set<T>().add(member),
      priority: this.#nextChance(),
      furthest: end,
      left: undefined,
      right: undefined,
    });
  }

  /** Takes a member out of the range it was added to. */
  remove(start: Bytes, end: Bytes, member: T): void {
    const found = this.#find(start, end);
    if (found === undefined || !found.members.delete(member)) {
      throw new InvariantViolation('what leaves a range was in it', { start, end });
    }
    if (found.members.size === 0) this.#root = removed(this.#root, start, end);
  }

  /** Calls with each member of each range that contains a key. */
  visit(key: Bytes, found: (member: T) => void): void {
    visit(this.#root, key, found);
  }

  /** Whether a range contains a key. */
  contains(key: Bytes): boolean {
    let node = this.#root;
    while (node !== undefined) {
      if (node.start <= key && isBefore(key, node.end)) return true;
      // When the left side reaches beyond the key but has no range with it, all to the right start
      // after the key.
      const { left } = node;
      node = left !== undefined && isBefore(key, left.furthest) ? left : node.right;
    }
    return false;
  }

  /** Checks order, priorities and furthest ends; returns how many members there are. */
  scan(): number {
    return scan(this.#root);
  }

  #find(start: Bytes, end: Bytes): Node<T> | undefined {
    let node = this.#root;
    while (node !== undefined) {
      const order = compare(start, end, node);
      if (order === 0) return node;
      node = order < 0 ? node.left : node.right;
    }
    return undefined;
  }

  #nextChance(): number {
    this.#chance ^= this.#chance << 13;
    this.#chance ^= this.#chance >>> 17;
    this.#chance ^= this.#chance << 5;
    return this.#chance;
  }
}

/** Whether a key comes before the end of a range. */
export const isBefore = (key: Bytes, end: Bytes): boolean => end === FROM_KEY || key < end;

const visit = <T>(node: Node<T> | undefined, key: Bytes, found: (member: T) => void): void => {
  if (node === undefined || !isBefore(key, node.furthest)) return;
  visit(node.left, key, found);
  if (key < node.start) return;
  if (isBefore(key, node.end)) for (const member of node.members) found(member);
  visit(node.right, key, found);
};

const insert = <T>(node: Node<T> | undefined, fresh: Node<T>): Node<T> => {
  if (node === undefined) return fresh;
  let top = node;
  if (compare(fresh.start, fresh.end, node) < 0) {
    const left = insert(node.left, fresh);
    node.left = left;
    if (left.priority > node.priority) {
      node.left = left.right;
      left.right = node;
      top = left;
    }
  } else {
    const right = insert(node.right, fresh);
    node.right = right;
    if (right.priority > node.priority) {
      node.right = right.left;
      right.left = node;
      top = right;
    }
  }
  refresh(node);
  if (top !== node) refresh(top);
  return top;
};

/** The tree without the node of that start and end. */
const removed = <T>(node: Node<T> | undefined, start: Bytes, end: Bytes): Node<T> | undefined => {
  if (node === undefined) return undefined;
  const order = compare(start, end, node);
  if (order === 0) return joined(node.left, node.right);
  if (order < 0) node.left = removed(node.left, start, end);
  else node.right = removed(node.right, start, end);
  refresh(node);
  return node;
};

/** One tree of two, all of the first before all of the second. */
const joined = <T>(left: Node<T> | undefined, right: Node<T> | undefined): Node<T> | undefined => {
  if (left === undefined) return right;
  if (right === undefined) return left;
  if (left.priority > right.priority) {
    left.right = joined(left.right, right);
    refresh(left);
    return left;
  }
  right.left = joined(left, right.left);
  refresh(right);
  return right;
};

const refresh = <T>(node: Node<T>): void => {
  node.furthest = furthestOf(node);
};

const furthestOf = <T>({ end, left, right }: Node<T>): Bytes =>
  further(end, further(left?.furthest ?? end, right?.furthest ?? end));

const further = (end: Bytes, other: Bytes): Bytes => {
  if (end === FROM_KEY || other === FROM_KEY) return FROM_KEY;
  return end < other ? other : end;
};

/** Ranges by their start, then by their end as it is written. */
const compare = <T>(start: Bytes, end: Bytes, node: Node<T>): number => {
  if (start !== node.start) return start < node.start ? -1 : 1;
  if (end !== node.end) return end < node.end ? -1 : 1;
  return 0;
};

const scan = <T>(node: Node<T> | undefined): number => {
  if (node === undefined) return 0;
  const { start, end, left, right, members } = node;
  const isOrdered =
    (left === undefined || compare(start, end, left) > 0) &&
    (right === undefined || compare(start, end, right) < 0);
  const isHeap =
    (left?.priority ?? node.priority) <= node.priority &&
    (right?.priority ?? node.priority) <= node.priority;
  if (!isOrdered || !isHeap || members.size === 0 || furthestOf(node) !== node.furthest) {
    throw new InvariantViolation('a tree of ranges is ordered and knows its ends', { start, end });
  }
  return members.size + scan(left) + scan(right);
};
