using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>An attempt ran longer than its timeout policy allows. The text is daprd's.</summary>
internal sealed class PolicyTimeoutException() : RealTimeMeshException("context deadline exceeded");

/// <summary>A circuit breaker let the call not through: it is open, or half-open and busy with its trial calls.</summary>
internal sealed class CircuitBreakerException(bool isHalfOpen) : RealTimeMeshException(isHalfOpen ? "too many requests" : "circuit breaker is open")
{
    public bool IsHalfOpen { get; } = isHalfOpen;
}

/// <summary>A failure with the HTTP or gRPC status that <c>matching</c> of a retry policy looks at.</summary>
internal sealed class StatusCodeException(int statusCode, string message, Exception? innerException = null) : RealTimeMeshException(message, innerException)
{
    public int StatusCode { get; } = statusCode;
}

/// <summary>A Resiliency document that daprd would refuse too; the text is daprd's.</summary>
internal sealed class InvalidPolicyException(string message) : RealTimeMeshException(message);
