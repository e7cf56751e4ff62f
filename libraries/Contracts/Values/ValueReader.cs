using System.Diagnostics.CodeAnalysis;

namespace RealTimeMesh.Contracts.Values;

/// <summary>One compiled step of reading: a value of the writer's schema as a value of .NET. Built once per pair of schemas.</summary>
internal abstract class ValueReader<T>
{
    public abstract bool TryRead(ref AvroCursor cursor, [MaybeNullWhen(false)] out T value);
}
