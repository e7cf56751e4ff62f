namespace RealTimeMesh.Sidecar.Health;

/// <summary>Whether the sidecar's subscriptions are active.</summary>
internal sealed class Readiness
{
    private volatile bool _isReady;

    public bool IsReady => _isReady;

    public void SetReady() => _isReady = true;
}
