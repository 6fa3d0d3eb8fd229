// Verify a webhook with nothing but the JDK: prints what was signed, or exits with 1.
//
// Usage: java Verify.java SECRET ID TIMESTAMP SIGNATURES < body

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public final class Verify {
    private static final long TOLERANCE_SECONDS = 300;

    static void verify(String secret, String id, String timestamp, String signatures, byte[] body, long now)
            throws Exception {
        if (Math.abs(now - Long.parseLong(timestamp)) > TOLERANCE_SECONDS) {
            throw new SecurityException("too old, or from the future");
        }
        byte[] key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        String expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        // There may be several signatures while a secret is being replaced.
        for (String given : signatures.split(" ")) {
            if (MessageDigest.isEqual(
                    given.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8))) {
                return;
            }
        }
        throw new SecurityException("not signed with our secret");
    }

    public static void main(String[] words) throws Exception {
        byte[] body = System.in.readAllBytes();
        try {
            verify(words[0], words[1], words[2], words[3], body, System.currentTimeMillis() / 1000);
        } catch (SecurityException | IllegalArgumentException refused) {
            System.err.println("refused: " + refused.getMessage());
            System.exit(1);
        }
        System.out.println(new String(body, StandardCharsets.UTF_8));
    }
}
