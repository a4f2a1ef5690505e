# A guest of 64 KiB for the worker host: firmware, kernel and work in one, so that it runs at once. A letter at its serial
# port says what it does from then on:
#
#   i  idle: halts
#   w  steady work: a fifth of a CPU by its own measure, in a burst every 110 ms
#   s  spins on all vCPUs
#   q  spins on all vCPUs for four seconds and rests for four, without end
#   m  writes 16 MiB over and over, on all vCPUs
#   x  exits to the hypervisor as often as it can, on all vCPUs: writes to a port
#   d  reads its IDE disk without a pause
#
#   as --32 guest.S -o guest.o && ld -m elf_i386 -Ttext 0 --oformat binary guest.o -o guest.rom
        .code16
        .set    TICKS, 0x500            # ticks of 55 ms since the start
        .set    MODE, 0x504             # the letter, for every vCPU
        .set    BURST, 0x508            # chunks in a burst of steady work; 0: not known yet
        .set    TARGET, 0x50c           # when the next burst or phase begins
        .set    SECTOR, 0x510           # the next one to read
        .set    COM, 0x3f8
        .set    IDE, 0x1f0
        .set    FROM, 2 << 20           # of what is swept
        .set    SWEPT, 16 << 20

        .text
        .globl  _start
# Other vCPUs start here, at F000:0000.
_start: jmp     other

# fs reaches all of memory. No interrupt may come meanwhile.
        .macro  big
        lgdtl   %cs:place
        mov     %cr0, %eax
        or      $1, %al
        mov     %eax, %cr0
        mov     $8, %bx
        mov     %bx, %fs
        and     $0xfe, %al
        mov     %eax, %cr0
        xor     %bx, %bx
        mov     %bx, %fs
        .endm
        .balign 8
table:  .quad   0, 0x00cf92000000ffff
place:  .word   15
        .long   table + 0xf0000

# Sends one byte to a port.
        .macro  send value port
        mov     $\value, %al
        out     %al, $\port
        .endm

first:
        cli
        xor     %ax, %ax
        mov     %ax, %ds
        mov     %ax, %es
        mov     %ax, %ss
        mov     $0x7000, %sp
        mov     $TICKS, %di             # memory is not known to be zero
        mov     $16, %cx
        cld
        rep stosw
        movw    $tick, 8 * 4
        movw    $0xf000, 8 * 4 + 2
        send    0x11, 0x20              # the interrupt controller: the timer at 8 and nothing else
        send    8, 0x21
        send    4, 0x21
        send    1, 0x21
        send    0xfe, 0x21
        big
        movl    $0xfee000f0, %esi       # the local APIC: on, and open to that controller
        movl    $0x1ff, %fs:(%esi)
        movl    $0xfee00350, %esi
        movl    $0x700, %fs:(%esi)
        send    0x34, 0x43              # the timer, 18.2 times a second
        send    0, 0x40
        send    0, 0x40
        sti
idle:
        movb    $'i', MODE
1:      hlt
        call    poll
        jmp     1b

tick:   push    %ax
        push    %ds
        xor     %ax, %ax
        mov     %ax, %ds
        incl    TICKS
        send    0x20, 0x20
        pop     %ds
        pop     %ax
        iret

# Looks for a letter and begins what it says; comes back where there is none.
poll:
        mov     $COM + 5, %dx
        in      %dx, %al
        test    $1, %al
        jnz     1f
        ret
1:      mov     $COM, %dx
        in      %dx, %al
        mov     $0x7000, %sp
        mov     %al, MODE
        cmp     $'w', %al
        je      work
        cmp     $'d', %al
        je      flood
        cmp     $'q', %al
        je      square
        cmp     $'s', %al
        je      all
        cmp     $'m', %al
        je      all
        cmp     $'x', %al
        je      all
        jmp     idle

# One chunk: some thousands of turns.
chunk:  mov     $5000, %cx
1:      loop    1b
        ret

# Sets all other vCPUs to work and works alike.
all:
        call    wake
1:      call    toil
        call    poll
        jmp     1b

# One chunk of what MODE says, on whichever vCPU.
toil:
        mov     MODE, %al
        cmp     $'m', %al
        je      sweep
        cmp     $'x', %al
        jne     chunk
        mov     $200, %cx
1:      out     %al, $0x80
        loop    1b
        ret

# Each vCPU goes on where it is: its place is in %edi.
sweep:
        cmp     $FROM, %edi
        jb      1f
        cmp     $FROM + SWEPT - 65536, %edi
        jb      2f
1:      mov     $FROM, %edi
2:      pushf
        cli
        big
        mov     $1024, %cx
3:      mov     %eax, %fs:(%edi)
        add     $64, %edi
        loop    3b
        popf
        ret

# Sends all others INIT and a start at F000:0000.
wake:
        pushf
        cli
        big
        mov     $0xfee00300, %esi
        movl    $0x000c4500, %fs:(%esi)
        mov     $4, %dx
1:      call    chunk
        dec     %dx
        jnz     1b
        movl    $0x000c46f0, %fs:(%esi)
        popf
        ret

# Where the others start: they work until nothing is to be done, then halt for good; wake starts them anew.
other:
        xor     %ax, %ax
        mov     %ax, %ds
        mov     %ax, %ss
        mov     $0x6000, %sp
1:      mov     MODE, %al
        cmp     $'s', %al
        je      2f
        cmp     $'m', %al
        je      2f
        cmp     $'x', %al
        jne     3f
2:      call    toil
        jmp     1b
3:      cli
        hlt
        jmp     3b

# Steady work: how many chunks four ticks hold is counted once; a burst is a tenth of that, every second tick.
work:
        cmpw    $0, BURST
        jne     2f
        mov     TICKS, %eax
1:      cmp     TICKS, %eax
        je      1b
        add     $5, %eax
        xor     %dx, %dx
1:      call    chunk
        inc     %dx
        cmp     TICKS, %eax
        ja      1b
        mov     %dx, %ax
        xor     %dx, %dx
        mov     $10, %cx
        div     %cx
        inc     %ax
        mov     %ax, BURST
2:      mov     TICKS, %eax
        add     $2, %eax
        mov     %eax, TARGET
        mov     BURST, %bp
3:      call    chunk
        dec     %bp
        jnz     3b
4:      call    poll
        mov     TICKS, %eax
        cmp     TARGET, %eax
        jae     2b
        hlt
        jmp     4b

# 73 ticks are four seconds.
square:
        movb    $'s', MODE
        call    wake
        mov     TICKS, %eax
        add     $73, %eax
        mov     %eax, TARGET
1:      call    chunk
        call    poll
        mov     TICKS, %eax
        cmp     TARGET, %eax
        jb      1b
        movb    $'q', MODE
        add     $73, %eax
        mov     %eax, TARGET
2:      hlt
        call    poll
        mov     TICKS, %eax
        cmp     TARGET, %eax
        jb      2b
        jmp     square

# 64 KiB at a time over the first 15 MiB, word by word.
flood:
        mov     $0x2000, %ax
        mov     %ax, %es
1:      mov     $IDE + 2, %dx
        mov     $128, %al
        out     %al, %dx
        inc     %dx
        mov     SECTOR, %eax
        out     %al, %dx
        inc     %dx
        mov     %ah, %al
        out     %al, %dx
        inc     %dx
        xor     %al, %al
        out     %al, %dx
        inc     %dx
        mov     $0xe0, %al
        out     %al, %dx
        inc     %dx
        mov     $0x20, %al
        out     %al, %dx
        mov     $128, %bp
2:      mov     $IDE + 7, %dx
3:      in      %dx, %al
        and     $0x88, %al
        cmp     $0x08, %al
        jne     3b
        mov     $IDE, %dx
        xor     %di, %di
        mov     $256, %cx
        rep insw
        dec     %bp
        jnz     2b
        mov     SECTOR, %eax
        add     $128, %eax
        cmp     $30720, %eax
        jb      4f
        xor     %eax, %eax
4:      mov     %eax, SECTOR
        call    poll
        jmp     1b

        .org    0xfff0
        ljmp    $0xf000, $first
        .org    0x10000
