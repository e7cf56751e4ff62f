namespace RealTimeMesh.Components;

/// <summary>
/// A broker that can hold back deliveries while its subscriptions stay, so that a sidecar that stops can finish what it has.
/// Optional, beside <see cref="IPubSubBroker"/>.
/// </summary>
public interface IPausableBroker
{
    /// <summary>Holds back new deliveries. False where the component behind the broker cannot do that.</summary>
    Task<bool> PauseAsync(CancellationToken cancellationToken);

    /// <summary>Lets deliveries go on. False where the component behind the broker cannot do that.</summary>
    Task<bool> ResumeAsync(CancellationToken cancellationToken);
}
