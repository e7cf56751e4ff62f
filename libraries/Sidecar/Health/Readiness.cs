namespace RealTimeMesh.Sidecar.Health;

/// <summary>Whether components, app and subscriptions are there.</summary>
internal sealed class Readiness
{
    private volatile bool _isReady;

    public bool IsReady => _isReady;

    /// <summary>The parts that are awaited, in daprd's words.</summary>
    public string Awaited => IsReady ? "[]" : "[runtime]";

    public void SetReady() => _isReady = true;
}
