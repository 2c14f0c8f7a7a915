namespace PgVectorCompat.Storage;

/// <summary>The values of one fixed-size vector column, addressed by slot, read in place at memory speed.</summary>
public sealed class VectorColumn
{
    internal VectorColumn()
    {
    }

    /// <summary>Length of one value in bytes.</summary>
    public int ValueBytes => throw new NotSupportedException();

    /// <summary>Distance between the values of neighbouring slots in bytes; a multiple of 64 from 64 up, a power of two below.</summary>
    public int Stride => throw new NotSupportedException();

    /// <summary>The value in a slot of a version that a live snapshot sees.</summary>
    public ReadOnlySpan<byte> Bytes(int slot) => throw new NotSupportedException();

    /// <summary>
    /// Memory from <paramref name="slot"/> on: how many of the next <paramref name="count"/> slots lie one behind the other
    /// (<see cref="Stride"/> apart), at least 1.
    /// </summary>
    public ReadOnlySpan<byte> Run(int slot, int count, out int contiguous) => throw new NotSupportedException();
}
