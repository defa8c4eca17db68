package docker

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
)

// waitForever is, by architecture of the engine, the code of a program that does nothing: ppoll(NULL, 0, NULL, NULL) in a
// loop on arm64, pause() in a loop on amd64.
var waitForever = map[string]struct {
	machine elf.Machine
	code    []byte
}{
	"amd64": {elf.EM_X86_64, []byte{
		0xb8, 0x22, 0x00, 0x00, 0x00, // mov eax, 34 (pause)
		0x0f, 0x05, // syscall
		0xeb, 0xf7, // jmp to the start
	}},
	"arm64": {elf.EM_AARCH64, words(
		0xd2800000, // mov x0, 0
		0xd2800001, // mov x1, 0
		0xd2800002, // mov x2, 0
		0xd2800003, // mov x3, 0
		0xd2800928, // mov x8, 73 (ppoll)
		0xd4000001, // svc 0
		0x17fffffa, // b to the start
	)},
}

// pauseProgram is a static executable for Linux that waits until it is killed.
func pauseProgram(arch string) ([]byte, error) {
	program, ok := waitForever[arch]
	if !ok {
		return nil, fmt.Errorf("no program to hold a network with on %s", arch)
	}
	const address, headers = 0x400000, 64 + 56
	size := uint64(headers + len(program.code))
	header := elf.Header64{
		Ident: [elf.EI_NIDENT]byte{
			0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT),
		},
		Type: uint16(elf.ET_EXEC), Machine: uint16(program.machine), Version: uint32(elf.EV_CURRENT),
		Entry: address + headers, Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1,
	}
	segment := elf.Prog64{
		Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_X),
		Vaddr: address, Paddr: address, Filesz: size, Memsz: size, Align: 0x10000,
	}
	var file bytes.Buffer
	for _, part := range []any{header, segment, program.code} {
		if err := binary.Write(&file, binary.LittleEndian, part); err != nil {
			return nil, fmt.Errorf("assemble the program that holds a network: %w", err)
		}
	}
	return file.Bytes(), nil
}

func words(instructions ...uint32) []byte {
	var code []byte
	for _, instruction := range instructions {
		code = binary.LittleEndian.AppendUint32(code, instruction)
	}
	return code
}
