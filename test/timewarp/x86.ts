/**
 * As much of an x86-64 processor as the machine code needs: reads an instruction's bytes, says what
 * it is, and executes it. Written from the processor's manual, not from the listing it judges.
 */
import {
  constant,
  type Machine,
  memory,
  type Operand,
  RAX,
  RDX,
  Reader,
  register,
  RSP,
  type Size,
  type Target,
} from './x86-operands.ts';

export interface Instruction {
  readonly bytes: number;
  /** As in `add rax, qword [rsi+8]`; addresses relative to `origin`, all numbers decimal. */
  readonly text: string;
  readonly execute: (machine: Machine) => void;
}

type Meaning = Omit<Instruction, 'bytes'>;

/** The instruction at `address`; addresses in its text are relative to `origin`. */
export const decode = (code: Uint8Array, address: number, origin: number): Instruction => {
  const reader = new Reader(code, address, origin);
  let opcode = reader.byte();
  if (opcode >> 4 === 4) {
    reader.rex = opcode;
    opcode = reader.byte();
  }
  const size = reader.bit(3) === 0 ? 32 : 64;
  const meaning = opcode === 0x0f ? twoBytes(reader, size) : oneByte(reader, size, opcode);
  return { ...meaning, bytes: reader.at - address };
};

/** Executes one instruction. */
export const execute = (machine: Machine): void => {
  const { bytes, execute } = decode(machine.memory, machine.rip, 0);
  machine.rip += bytes;
  execute(machine);
};

const oneByte = (reader: Reader, size: Size, opcode: number): Meaning => {
  const numbered = (size: Size) => register((opcode & 7) | reader.bit(0), size);
  if (opcode >> 3 === 0xb8 >> 3) return mov(numbered(size), constant(reader.signed32()));
  if (opcode >> 3 === 0x50 >> 3) return push(numbered(64));
  if (opcode >> 3 === 0x58 >> 3) return pop(numbered(64));
  switch (opcode) {
    case 0x01:
    case 0x31:
    case 0x85: {
      const { rm, reg } = reader.modrm(size);
      return arithmetic(
        ({ 0x01: 'add', 0x31: 'xor', 0x85: 'test' } as const)[opcode],
        size,
        rm,
        reg,
      );
    }
    case 0x03:
    case 0x2b:
    case 0x3b: {
      const { rm, reg } = reader.modrm(size);
      return arithmetic(
        ({ 0x03: 'add', 0x2b: 'sub', 0x3b: 'cmp' } as const)[opcode],
        size,
        reg,
        rm,
      );
    }
    case 0x3a: {
      const { rm, reg } = reader.modrm(8);
      return arithmetic('cmp', 8, reg, rm);
    }
    case 0x83: {
      const { rm, digit } = reader.modrm(size);
      const name = ({ 0: 'add', 4: 'and', 5: 'sub', 7: 'cmp' } as const)[digit];
      if (name === undefined) throw new Error(`opcode 83 /${digit}`);
      return arithmetic(name, size, rm, constant(reader.signed8()));
    }
    case 0x89: {
      const { rm, reg } = reader.modrm(size);
      return mov(rm, reg);
    }
    case 0x8b: {
      const { rm, reg } = reader.modrm(size);
      return mov(reg, rm);
    }
    case 0x74:
    case 0x75:
      return conditional(opcode, reader.target(reader.signed8()));
    default:
      return rareByte(reader, size, opcode);
  }
};

const rareByte = (reader: Reader, size: Size, opcode: number): Meaning => {
  switch (opcode) {
    case 0x69: {
      const { rm, reg } = reader.modrm(size);
      const factor = constant(reader.signed32());
      return {
        text: `imul ${reg.text}, ${rm.text}, ${factor.text}`,
        execute: (machine) => reg.set(machine, rm.get(machine) * factor.get(machine)),
      };
    }
    case 0x8d: {
      const { rm, reg } = reader.modrm(size);
      return {
        text: `lea ${reg.text}, ${rm.text.replace(/^\w+ /, '')}`,
        execute: (machine) => reg.set(machine, BigInt(rm.address?.(machine) ?? -1)),
      };
    }
    case 0xc1: {
      const { rm, digit } = reader.modrm(size);
      if (digit !== 4) throw new Error(`opcode c1 /${digit}`);
      const count = constant(reader.byte());
      return {
        text: `shl ${rm.text}, ${count.text}`,
        execute: (machine) => rm.set(machine, rm.get(machine) << count.get(machine)),
      };
    }
    case 0xc3:
      return { text: 'ret', execute: ret };
    case 0xe8:
      return call(reader.target(reader.signed32()));
    case 0xf7: {
      const { rm, digit } = reader.modrm(size);
      if (digit === 4) return multiply(rm);
      if (digit === 6) return divide(rm);
      throw new Error(`opcode f7 /${digit}`);
    }
    default:
      throw new Error(`opcode ${opcode.toString(16)}`);
  }
};

const twoBytes = (reader: Reader, size: Size): Meaning => {
  const opcode = reader.byte();
  switch (opcode) {
    case 0x05:
      return { text: 'syscall', execute: (machine) => machine.syscall(machine) };
    case 0x83:
    case 0x87:
      return conditional(opcode, reader.target(reader.signed32()));
    case 0x47:
    case 0x48: {
      const { rm, reg } = reader.modrm(size);
      const [name, holds] = condition(opcode);
      const execute = (machine: Machine) =>
        reg.set(machine, (holds(machine) ? rm : reg).get(machine));
      return { text: `cmov${name} ${reg.text}, ${rm.text}`, execute };
    }
    case 0x92: {
      const { rm } = reader.modrm(8);
      const [name, holds] = condition(opcode);
      const execute = (machine: Machine) => rm.set(machine, holds(machine) ? 1n : 0n);
      return { text: `set${name} ${rm.text}`, execute };
    }
    case 0xa3: {
      const { rm, reg } = reader.modrm(size);
      const execute = (machine: Machine) => {
        machine.carry = ((rm.get(machine) >> (reg.get(machine) % BigInt(size))) & 1n) === 1n;
      };
      return { text: `bt ${rm.text}, ${reg.text}`, execute };
    }
    case 0xac: {
      const { rm, reg } = reader.modrm(size);
      const count = constant(reader.byte());
      const execute = (machine: Machine) => {
        const both = (reg.get(machine) << BigInt(size)) | rm.get(machine);
        rm.set(machine, both >> count.get(machine));
      };
      return { text: `shrd ${rm.text}, ${reg.text}, ${count.text}`, execute };
    }
    case 0xb6: {
      const { rm, reg } = reader.modrm(8, size);
      const execute = (machine: Machine) => reg.set(machine, rm.get(machine));
      return { text: `movzx ${reg.text}, ${rm.text}`, execute };
    }
    default:
      throw new Error(`opcode 0f ${opcode.toString(16)}`);
  }
};

const arithmetic = (
  name: 'add' | 'sub' | 'cmp' | 'and' | 'test' | 'xor',
  size: Size,
  to: Operand,
  from: Operand,
): Meaning => ({
  text: `${name} ${to.text}, ${from.text}`,
  execute: (machine) => {
    const [one, other] = [to.get(machine), BigInt.asUintN(size, from.get(machine))];
    const exact = {
      add: one + other,
      sub: one - other,
      cmp: one - other,
      and: one & other,
      test: one & other,
      xor: one ^ other,
    }[name];
    const result = BigInt.asUintN(size, exact);
    machine.carry = result !== exact;
    machine.zero = result === 0n;
    machine.sign = result >> BigInt(size - 1) === 1n;
    if (name !== 'cmp' && name !== 'test') to.set(machine, result);
  },
});

const mov = (to: Operand, from: Operand): Meaning => ({
  text: `mov ${to.text}, ${from.text}`,
  execute: (machine) => to.set(machine, from.get(machine)),
});

const rax = register(RAX, 64);
const rdx = register(RDX, 64);
const rsp = register(RSP, 64);
const stackTop = memory(64, 'rsp', (machine) => Number(rsp.get(machine)));

const multiply = (factor: Operand): Meaning => ({
  text: `mul ${factor.text}`,
  execute: (machine) => {
    const product = rax.get(machine) * factor.get(machine);
    rax.set(machine, product);
    rdx.set(machine, product >> 64n);
  },
});

const divide = (divisor: Operand): Meaning => ({
  text: `div ${divisor.text}`,
  execute: (machine) => {
    const dividend = (rdx.get(machine) << 64n) | rax.get(machine);
    const quotient = dividend / divisor.get(machine);
    if (quotient >> 64n !== 0n) throw new Error('the quotient does not fit: a trap');
    rdx.set(machine, dividend % divisor.get(machine));
    rax.set(machine, quotient);
  },
});

const CONDITIONS: Readonly<Record<number, [string, (machine: Machine) => boolean]>> = {
  2: ['b', ({ carry }) => carry],
  3: ['ae', ({ carry }) => !carry],
  4: ['e', ({ zero }) => zero],
  5: ['ne', ({ zero }) => !zero],
  7: ['a', ({ carry, zero }) => !carry && !zero],
  8: ['s', ({ sign }) => sign],
};

const condition = (opcode: number): [string, (machine: Machine) => boolean] => {
  const known = CONDITIONS[opcode & 0xf];
  if (known === undefined) throw new Error(`condition ${opcode.toString(16)}`);
  return known;
};

const conditional = (opcode: number, { address, text }: Target): Meaning => {
  const [name, holds] = condition(opcode);
  const execute = (machine: Machine) => {
    if (holds(machine)) machine.rip = address;
  };
  return { text: `j${name} ${text}`, execute };
};

const pushValue = (machine: Machine, value: bigint): void => {
  rsp.set(machine, rsp.get(machine) - 8n);
  stackTop.set(machine, value);
};

const popValue = (machine: Machine): bigint => {
  const value = stackTop.get(machine);
  rsp.set(machine, rsp.get(machine) + 8n);
  return value;
};

const push = (from: Operand): Meaning => ({
  text: `push ${from.text}`,
  execute: (machine) => pushValue(machine, from.get(machine)),
});

const pop = (to: Operand): Meaning => ({
  text: `pop ${to.text}`,
  execute: (machine) => to.set(machine, popValue(machine)),
});

const call = ({ address, text }: Target): Meaning => ({
  text: `call ${text}`,
  execute: (machine) => {
    pushValue(machine, BigInt(machine.rip));
    machine.rip = address;
  },
});

const ret = (machine: Machine): void => {
  machine.rip = Number(popValue(machine));
};
