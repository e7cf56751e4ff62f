namespace RealTimeMesh.DeltaLake;

/// <summary>Numbers for the new rows of an identity column: the first row gets the first, in any order; gaps are allowed.</summary>
/// <param name="Column">The column's name, for messages.</param>
public sealed record IdentityNumbers(string Column, long First, long Step)
{
    /// <summary>How many there are before a long overflows.</summary>
    public long Left => (long)Int128.Min(long.MaxValue, (((Int128)(Step > 0 ? long.MaxValue : long.MinValue) - First) / Step) + 1);

    /// <summary>The number of a row, from 0.</summary>
    public long At(long row) => (long)(First + ((Int128)row * Step));
}
