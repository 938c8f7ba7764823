/**
 * The code that answers in place of the vdso: `clock_gettime`, `gettimeofday` and `time` for
 * x86-64, position-independent, behind the control block it reads (control-block.ts).
 *
 *     t = base + min(limit, max(0, raw - anchor) * rate >> 32)
 *
 * Clock ids 1, 4, 6, 7 have the monotonic base, 0, 5, 11 the wall's; for all others (CPU time,
 * alarms, dynamic clocks) it asks the kernel. `raw` is the kernel's CLOCK_MONOTONIC, fetched only
 * when the clock runs, with the caller's own struct timespec as scratch. It may be called on the
 * small stacks of a runtime and in signal handlers: it takes no stack but for a return address (and
 * 24 bytes in `time`), and changes only registers that a callee may (rax rcx rdx rdi rsi r8-r11).
 *
 * The reader takes the generation byte, reads the slot it names, and starts again if the byte has
 * changed meanwhile; so it never sees half of an update.
 */

/** One instruction a line: its offset in the block, its bytes, what it is, why it is there. */
export const LISTING = `
; clock_gettime(edi: clock id, rsi: struct timespec *) -> eax: 0
140  83ff0b              cmp    edi, 11
143  0f8796000000        ja     0x1df                  ; unknown or dynamic: the kernel's
149  b8f3080000          mov    eax, 0x8f3             ; ids 0 1 4 5 6 7 11 are ours
14e  0fa3f8              bt     eax, edi
151  0f8388000000        jae    0x1df                  ; CPU time and alarms: the kernel's
157  4531c0              xor    r8d, r8d
15a  b821080000          mov    eax, 0x821             ; ids 0 5 11 are wall clocks
15f  0fa3f8              bt     eax, edi
162  410f92c0            setb   r8b                    ; r8: 1 for the wall's base, else 0
; read:
166  440fb60d9afeffff    movzx  r9d, byte [0x008]      ; the generation
16e  4589ca              mov    r10d, r9d
171  4183e203            and    r10d, 3
175  41c1e206            shl    r10d, 6
179  488d05c0feffff      lea    rax, [0x040]           ; the slots
180  4901c2              add    r10, rax               ; r10: the slot of this generation
183  498b02              mov    rax, qword [r10]       ; the rate
186  4885c0              test   rax, rax
189  7432                je     0x1bd                  ; frozen: nothing has passed
18b  bf01000000          mov    edi, 1                 ; CLOCK_MONOTONIC
190  b8e4000000          mov    eax, 228               ; the call's number: clock_gettime
195  0f05                syscall                       ; changes rax rcx r11
197  48690600ca9a3b      imul   rax, qword [rsi], 1000000000
19e  48034608            add    rax, qword [rsi+8]
1a2  31c9                xor    ecx, ecx
1a4  492b4208            sub    rax, qword [r10+8]     ; since the anchor
1a8  480f48c1            cmovs  rax, rcx               ; never negative
1ac  49f722              mul    qword [r10]            ; times the rate: 128 bits
1af  480facd020          shrd   rax, rdx, 32
1b4  493b4210            cmp    rax, qword [r10+16]
1b8  490f474210          cmova  rax, qword [r10+16]    ; no further than the limit
; add the base:
1bd  4b0344c218          add    rax, qword [r10+r8*8+24]
1c2  443a0d3ffeffff      cmp    r9b, byte [0x008]
1c9  759b                jne    0x166                  ; a new generation: read again
1cb  31d2                xor    edx, edx
1cd  b900ca9a3b          mov    ecx, 1000000000
1d2  48f7f1              div    rcx
1d5  488906              mov    qword [rsi], rax       ; tv_sec
1d8  48895608            mov    qword [rsi+8], rdx     ; tv_nsec
1dc  31c0                xor    eax, eax
1de  c3                  ret
; not ours:
1df  b8e4000000          mov    eax, 228
1e4  0f05                syscall
1e6  c3                  ret
; gettimeofday(rdi: struct timeval *, rsi: not used) -> eax: 0
1e7  4885ff              test   rdi, rdi
1ea  741c                je     0x208
1ec  4889fe              mov    rsi, rdi
1ef  31ff                xor    edi, edi               ; CLOCK_REALTIME
1f1  e84affffff          call   0x140
1f6  488b4608            mov    rax, qword [rsi+8]
1fa  31d2                xor    edx, edx
1fc  b9e8030000          mov    ecx, 1000
201  48f7f1              div    rcx
204  48894608            mov    qword [rsi+8], rax     ; nanoseconds to microseconds
208  31c0                xor    eax, eax
20a  c3                  ret
; time(rdi: time_t *) -> rax: seconds
20b  57                  push   rdi
20c  4883ec10            sub    rsp, 16
210  4889e6              mov    rsi, rsp
213  31ff                xor    edi, edi               ; CLOCK_REALTIME
215  e826ffffff          call   0x140
21a  488b0424            mov    rax, qword [rsp]
21e  4883c410            add    rsp, 16
222  5f                  pop    rdi
223  4885ff              test   rdi, rdi
226  7403                je     0x22b
228  488907              mov    qword [rdi], rax
22b  c3                  ret
`;

/** Offset of the code in the block. */
export const CODE_OFFSET = 0x140;

/** Bytes of the block: the control block and the code behind it. */
export const BLOCK_BYTES = 0x22c;

/** What of the vdso is replaced: its name, and where in the block the new function begins. */
export const REPLACEMENTS: Readonly<Record<string, number>> = {
  __vdso_clock_gettime: 0x140,
  __vdso_gettimeofday: 0x1e7,
  __vdso_time: 0x20b,
};

/** The one function without which there is nothing to replace. */
export const REQUIRED_FUNCTION = '__vdso_clock_gettime';

/** The bytes of the listing. */
export const MACHINE_CODE: Uint8Array = Buffer.from(
  Array.from(LISTING.matchAll(/^[0-9a-f]{3} {2}([0-9a-f]+)/gm), ([, bytes]) => bytes).join(''),
  'hex',
);

/** Bytes of the jump that goes over the beginning of a replaced function. */
export const JUMP_BYTES = 5;

/** `jmp` from one offset of the vdso to another. */
export const jump = (from: number, to: number): Uint8Array => {
  const bytes = Buffer.alloc(JUMP_BYTES);
  bytes[0] = 0xe9;
  bytes.writeInt32LE(to - (from + JUMP_BYTES), 1);
  return bytes;
};
