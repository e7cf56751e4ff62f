using System.Net;

namespace RealTimeMesh.Sidecar.Middleware;

/// <summary>A body in upper case, sent on as the body itself is.</summary>
internal sealed class UppercaseContent : HttpContent
{
    private readonly HttpContent _inner;

    public UppercaseContent(HttpContent inner)
    {
        _inner = inner;
        foreach (var (name, values) in inner.Headers.NonValidated)
            Headers.TryAddWithoutValidation(name, values);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var writer = new UppercaseWriter(stream);
        await _inner.CopyToAsync(writer, context, cancellationToken);
        await writer.EndAsync(cancellationToken);
    }

    /// <summary>That of the body: hardly any letter has an upper case of another length.</summary>
    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _inner.Dispose();
        base.Dispose(disposing);
    }
}
