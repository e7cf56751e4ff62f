using RealTimeMesh.Sidecar.Invocation.Wire;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>A call of an app's method, whichever protocol it came by.</summary>
internal sealed record InvokeCall
{
    public required string Method { get; init; }

    /// <summary>Null where a gRPC client did not say how an HTTP app is to be called.</summary>
    public HTTPExtension? Http { get; init; }

    public string ContentType { get; init; } = "";

    /// <summary>Type of a protobuf body; empty for none.</summary>
    public string DataTypeUrl { get; init; } = "";

    public required InvokeMetadata Metadata { get; init; }

    public required InvokeBody Body { get; init; }

    /// <summary>The caller awaits events as they happen.</summary>
    public bool WantsEvents => string.Equals(Metadata.First("Accept")?.Trim(), "text/event-stream", StringComparison.OrdinalIgnoreCase);

    /// <summary>The type for an HTTP app.</summary>
    public string HttpContentType => DataTypeUrl.Length > 0 ? "application/x-protobuf" : ContentType;
}

/// <summary>The body of a call: bytes, or a stream that can be read once.</summary>
/// <param name="Bytes">What is at hand.</param>
/// <param name="Stream">Null where the bytes are all.</param>
internal sealed record InvokeBody(ReadOnlyMemory<byte> Bytes, Stream? Stream = null)
{
    public static InvokeBody Empty { get; } = new(ReadOnlyMemory<byte>.Empty);

    /// <summary>True where the call may be made more than once.</summary>
    public bool CanRepeat => Stream is null;

    /// <summary>All of it.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        if (Stream is null)
            return Bytes;
        using var all = new MemoryStream();
        await Stream.CopyToAsync(all, cancellationToken);
        return all.GetBuffer().AsMemory(0, (int)all.Length);
    }
}
