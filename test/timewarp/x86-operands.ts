/** The registers, the memory and the operands of an x86-64 processor: see x86.ts. */

export interface Machine {
  /** rax rcx rdx rbx rsp rbp rsi rdi r8 … r15. */
  readonly registers: BigUint64Array;
  readonly memory: Uint8Array;
  /** Address of the next instruction. */
  rip: number;
  carry: boolean;
  zero: boolean;
  sign: boolean;
  /** What the kernel does at a system call. */
  readonly syscall: (machine: Machine) => void;
}

export type Size = 8 | 32 | 64;

export interface Operand {
  readonly text: string;
  /** Of memory: where it is. */
  readonly address?: (machine: Machine) => number;
  get(machine: Machine): bigint;
  set(machine: Machine, value: bigint): void;
}

export const registerNumber = (name: string): number => NAMES[64].indexOf(name);

const NAMES: Readonly<Record<Size, readonly string[]>> = {
  8: ['al', 'cl', 'dl', 'bl', 'spl', 'bpl', 'sil', 'dil'].concat(extended('b')),
  32: ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'].concat(extended('d')),
  64: ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi'].concat(extended('')),
};

function extended(suffix: string): string[] {
  return [8, 9, 10, 11, 12, 13, 14, 15].map((number) => `r${number}${suffix}`);
}

export const RAX = 0;
export const RDX = 2;
export const RSP = 4;

export interface Target {
  readonly address: number;
  readonly text: string;
}

export interface Named {
  readonly rm: Operand;
  readonly reg: Operand;
  readonly digit: number;
}

/** Reads the bytes of one instruction, one after the other. */
export class Reader {
  readonly #memory: Uint8Array;
  readonly #origin: number;
  readonly start: number;
  at: number;
  rex = 0;

  constructor(memory: Uint8Array, start: number, origin: number) {
    this.#memory = memory;
    this.#origin = origin;
    this.start = start;
    this.at = start;
  }

  byte(): number {
    this.at += 1;
    return this.#memory[this.at - 1] as number;
  }

  signed8(): number {
    return (this.byte() << 24) >> 24;
  }

  signed32(): number {
    return this.byte() | (this.byte() << 8) | (this.byte() << 16) | (this.byte() << 24);
  }

  /** An address relative to the bytes that were read; its text is relative to the origin. */
  target(distance: number): Target {
    const address = this.at + distance;
    return { address, text: String(address - this.#origin) };
  }

  bit(position: number): number {
    return ((this.rex >> position) & 1) << 3;
  }

  /** What a ModRM byte names: a register or memory, a register, and the latter's bare digit. */
  modrm(size: Size, regSize: Size = size): Named {
    const modrm = this.byte();
    const digit = (modrm >> 3) & 7;
    const reg = register(digit | this.bit(2), regSize);
    const rm = modrm & 7;
    const mode = modrm >> 6;
    if (mode === 3) return { rm: register(rm | this.bit(0), size), reg, digit };
    if (mode === 0 && rm === 5) {
      const { address, text } = this.target(this.signed32());
      return { rm: memory(size, text, () => address), reg, digit };
    }
    return { rm: this.#indirect(size, mode, rm), reg, digit };
  }

  #indirect(size: Size, mode: number, rm: number): Operand {
    let base = rm | this.bit(0);
    let index: number | undefined;
    let scale = 1;
    if (rm === RSP) {
      const sib = this.byte();
      base = (sib & 7) | this.bit(0);
      index = ((sib >> 3) & 7) | this.bit(1);
      if (index === RSP) index = undefined;
      scale = 1 << (sib >> 6);
    }
    let displacement = 0;
    if (mode === 1) displacement = this.signed8();
    if (mode === 2) displacement = this.signed32();
    const parts = [NAMES[64][base]];
    if (index !== undefined) parts.push(`${NAMES[64][index]}*${scale}`);
    if (displacement !== 0) parts.push(String(displacement));
    return memory(size, parts.join('+'), ({ registers }) => {
      const offset = index === undefined ? 0 : Number(registers[index]) * scale;
      return Number(registers[base]) + offset + displacement;
    });
  }
}

export const register = (number: number, size: Size): Operand => ({
  text: NAMES[size][number] as string,
  get: ({ registers }) => BigInt.asUintN(size, registers[number] as bigint),
  set: ({ registers }, value) => {
    const old = registers[number] as bigint;
    // A write of 32 bits clears the upper half, one of 8 leaves the rest.
    const kept = size === 8 ? (old >> 8n) << 8n : 0n;
    registers[number] = kept | BigInt.asUintN(size, value);
  },
});

export const memory = (
  size: Size,
  text: string,
  address: (machine: Machine) => number,
): Operand => ({
  text: `${{ 8: 'byte', 32: 'dword', 64: 'qword' }[size]} [${text}]`,
  address,
  get: (machine) => {
    const bytes = machine.memory.subarray(address(machine), address(machine) + size / 8);
    return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  },
  set: (machine, value) => {
    for (let index = 0; index < size / 8; index += 1) {
      machine.memory[address(machine) + index] = Number((value >> BigInt(8 * index)) & 0xffn);
    }
  },
});

export const constant = (value: number): Operand => ({
  text: String(value),
  get: () => BigInt(value),
  set: () => {
    throw new Error('a constant is not written');
  },
});
