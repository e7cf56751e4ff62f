namespace RealTimeMesh.Kafka.Serialization;

/// <summary>Where a message carries the id of its schema.</summary>
public enum SchemaIdPlace
{
    /// <summary>In front of the value: byte 0 and 4 bytes. Every client reads it.</summary>
    Payload,

    /// <summary>In the header <c>__value_schema_id</c> or <c>__key_schema_id</c>: byte 1 and the schema's GUID. The value is Avro alone.</summary>
    Header,
}
