using Google.Protobuf.WellKnownTypes;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>What an app answered. Its body is read once, and what it holds is free when it is disposed.</summary>
internal sealed class InvokeAnswer(Stream body, IDisposable? held = null) : IAsyncDisposable
{
    /// <summary>HTTP or gRPC status.</summary>
    public required int Code { get; init; }

    public bool IsHttp => Code >= 100;

    public bool IsHttpFailure => IsHttp && Code is < 200 or > 399;

    /// <summary>Of a gRPC status.</summary>
    public string Message { get; init; } = "";

    /// <summary>Of a gRPC status.</summary>
    public IReadOnlyList<Any> Details { get; init; } = [];

    public required InvokeMetadata Headers { get; init; }

    /// <summary>Null for HTTP apps.</summary>
    public InvokeMetadata? Trailers { get; init; }

    public string ContentType { get; init; } = "";

    public string DataTypeUrl { get; init; } = "";

    public Stream Body => body;

    public async Task<byte[]> ReadAsync(CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        await body.CopyToAsync(all, cancellationToken);
        return all.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await body.DisposeAsync();
        held?.Dispose();
    }
}
