using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Tells a policy that an attempt failed. Goes no further: the outcome says the same.</summary>
internal sealed class DeliveryFailedException(string message) : RealTimeMeshException(message);
