using System.Runtime.InteropServices;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>What encoding one vector needs: its point, its code, and a block for its one-bit code.</summary>
sealed unsafe class IvfScratch : IDisposable
{
    const int Alignment = 64;

    readonly byte[] _point;
    readonly int[] _list = new int[1];

    public IvfScratch(IvfLists lists, IvfBlocks blocks)
    {
        _point = new byte[lists.Centers.PointBytes];
        Code = (byte*)NativeMemory.AlignedAlloc((nuint)blocks.CodeBytes + Alignment, Alignment);
        Block = (byte*)NativeMemory.AlignedAlloc((nuint)blocks.ScanBytes + Alignment, Alignment);
        NativeMemory.Clear(Block, (nuint)blocks.ScanBytes);
    }

    public Span<byte> Point => _point;
    public byte* Code { get; }
    public byte* Block { get; }

    /// <summary>Finds the list of <see cref="Point"/> and makes its one-bit code, at place 0 of <see cref="Block"/>.</summary>
    public int Place(IvfLists lists)
    {
        lists.Centers.Nearest(_point, _list);
        if (lists.Residuals is not null) lists.EncodeResidual(MemoryMarshal.Cast<byte, float>(_point), _list[0], Block, 0);
        return _list[0];
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(Code);
        NativeMemory.AlignedFree(Block);
    }
}
