using System.Net;

namespace RealTimeMesh.Sidecar.Invocation.Proxy;

/// <summary>A body that begins with a turn: a connection asks for it when the request's headers have left.</summary>
internal sealed class TurnContent(HttpContent inner, BodyTurn turn) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) => turn.TryTake()
        ? inner.CopyToAsync(stream, context, cancellationToken)
        : throw new OperationCanceledException("the attempt was given up before its request was sent");

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
