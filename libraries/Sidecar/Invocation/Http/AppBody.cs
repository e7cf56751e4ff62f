namespace RealTimeMesh.Sidecar.Invocation.Http;

/// <summary>
/// The body of an app's answer. Where the app declared more than it sent, what it sent is the body, as in daprd: the
/// answer handed on has no declared length to disagree with.
/// </summary>
internal sealed class AppBody(Stream inner) : ReadOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (HttpIOException exception) when (exception.HttpRequestError == HttpRequestError.ResponseEnded)
        {
            return 0;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
